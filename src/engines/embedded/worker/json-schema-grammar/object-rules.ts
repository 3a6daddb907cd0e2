/** Objects: the named properties in their order, and others where they are allowed. Pure. */

import { addToGroup } from '../../../../kernel/index.ts';
import { jsonLiteral, oneOf } from './rule-book.ts';
import type { RuleBook } from './rule-book.ts';
import { SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { below, schemaField, schemaMapField, textListField } from './schema-fields.ts';
import { anyCharacter } from './string-rules.ts';
import { plainText, stringText } from './string-text.ts';

/** Writes the rule of a schema within; null when it allows nothing. */
export type WriteSchema = (schema: Schema | boolean, place: string) => string | null;

interface Member {
  readonly rule: string;
  readonly required: boolean;
}

export const SPACE = 'space';

export function objectRule(schema: Schema, place: string, book: RuleBook, write: WriteSchema): string {
  const properties = new Map(schemaMapField(schema, 'properties', place));
  const required = textListField(schema, 'required', place);
  const extraSchema = schemaField(schema, 'additionalProperties', place) ?? properties.size === 0;
  for (const name of required) {
    if (properties.has(name)) continue;
    if (schema['additionalProperties'] === false)
      throw new SchemaError('required', place, `names "${name}", which additionalProperties forbids`);
    properties.set(name, schemaField(schema, 'additionalProperties', place) ?? true);
  }
  const members = [...properties].flatMap(([name, property]): readonly Member[] => {
    const value = write(property, below(place, 'properties', name));
    const isRequired = required.includes(name);
    if (value === null && isRequired)
      throw new SchemaError('required', place, `names "${name}", which nothing satisfies`);
    return value === null ? [] : [{ rule: member(jsonLiteral(name), value), required: isRequired }];
  });
  const extra = write(extraSchema, below(place, 'additionalProperties'));
  const more = extra === null ? null : book.add(member(otherName([...properties.keys()], book), extra));
  return `"{" ${SPACE} ${memberList(members, more, book)} ${SPACE} "}"`;
}

function member(name: string, value: string): string {
  return `${name} ":" ${SPACE} ${value}`;
}

const COMMA = `"," ${SPACE}`;

/** From the last member to the first: what may follow when something stands before it, and when nothing does. */
function memberList(members: readonly Member[], more: string | null, book: RuleBook): string {
  let afterSome = more === null ? '""' : book.add(`( ${COMMA} ${more} )*`);
  let atStart = more === null ? '""' : book.add(`( ${more} ( ${COMMA} ${more} )* )?`);
  for (const { rule, required } of members.toReversed()) {
    const here = book.add(rule);
    const started = `${here} ${afterSome}`;
    atStart = book.add(required ? started : oneOf([started, atStart]));
    afterSome = book.add(required ? `${COMMA} ${started}` : `( ${COMMA} ${here} )? ${afterSome}`);
  }
  return atStart;
}

/** A name that none of the given ones is. */
function otherName(names: readonly string[], book: RuleBook): string {
  const character = anyCharacter(book);
  const suffix =
    names.length === 0
      ? `${character}*`
      : outside(
          names.map((name) => [...name]),
          book,
        );
  return String.raw`"\"" ${suffix} "\""`;
}

/** What remains of a name when its beginning is that of the given ones. Without escapes, so that it has one spelling. */
function outside(names: readonly (readonly string[])[], book: RuleBook): string {
  const groups = new Map<string, (readonly string[])[]>();
  for (const [first, ...rest] of names) {
    if (first !== undefined) addToGroup(groups, first, rest);
  }
  const firsts = [...groups.keys()].map((first) => first.codePointAt(0) ?? 0);
  const others = plainText({ ranges: firsts.map((code) => [code, code] as const), negated: true }) ?? '""';
  const alternatives = [
    `${others} ${plainCharacter(book)}*`,
    ...[...groups].map(([first, rests]) => `${stringText(first)} ${book.add(outside(rests, book))}`),
  ];
  const isName = names.some((name) => name.length === 0);
  return isName ? oneOf(alternatives) : `( ${alternatives.join(' | ')} )?`;
}

function plainCharacter(book: RuleBook): string {
  return book.has('plain') ? 'plain' : book.define('plain', plainText({ ranges: [], negated: true }) ?? '""');
}
