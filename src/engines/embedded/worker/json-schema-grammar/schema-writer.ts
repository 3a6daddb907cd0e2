/** Walks one schema document and writes the rules of its parts: references, alternatives, types. Pure but for its book. */

import { arrayRule } from './array-rules.ts';
import { areDisjoint } from './disjoint.ts';
import { checkKeywords, constraints } from './keywords.ts';
import { mergeSchemas } from './merge.ts';
import { integerRule, numberRule } from './number-rules.ts';
import type { Bounds } from './number-rules.ts';
import { objectRule, SPACE } from './object-rules.ts';
import { oneOf } from './rule-book.ts';
import type { RuleBook } from './rule-book.ts';
import { isSchema, SchemaError } from './schema-error.ts';
import type { Schema } from './schema-error.ts';
import { below, numberField, schemaListField, typesField } from './schema-fields.ts';
import type { SchemaType } from './schema-fields.ts';
import { stringRule } from './string-rules.ts';
import { valuesRule } from './value-rules.ts';

/** A person writes nothing deeper; a document that is deeper would cost more than it says. */
const DEEPEST = 100;
const MOST_RULES = 20_000;
const UNBOUNDED: Bounds = { least: -Infinity, leastExcluded: false, most: Infinity, mostExcluded: false };
const ALL_TYPES: readonly SchemaType[] = ['object', 'array', 'string', 'number', 'boolean', 'null'];

export class SchemaWriter {
  readonly #root: unknown;
  readonly #book: RuleBook;
  readonly #place: string;
  /** Rules of references, by pointer: one that refers to itself finds its own name. */
  readonly #references = new Map<string, string>();
  #depth = 0;
  #written = 0;

  /** `place` is told in errors for the schema itself. */
  constructor(root: unknown, book: RuleBook, place: string) {
    this.#root = root;
    this.#book = book;
    this.#place = place;
    // At most one break or blank: a model that may indent for ever does.
    if (!book.has(SPACE)) book.define(SPACE, String.raw`( " " | "\n" [ \t]{0,16} )?`);
  }

  /** The expression of the whole schema. Throws SchemaError. */
  write(): string {
    if (typeof this.#root !== 'boolean' && !isSchema(this.#root)) {
      throw new SchemaError('schema', this.#place, 'must be an object');
    }
    const rule = this.#rule(this.#root, this.#place);
    if (rule === null) throw new SchemaError('schema', this.#place, 'allows nothing');
    return rule;
  }

  #rule(schema: Schema | boolean, place: string): string | null {
    if (schema === false) return null;
    if (schema === true) return this.#anyValue();
    return this.#schemaRule(schema, place);
  }

  #schemaRule(schema: Schema, place: string): string {
    if (++this.#depth > DEEPEST) throw new SchemaError('schema', place, `is nested deeper than ${DEEPEST}`);
    if (++this.#written > MOST_RULES) throw new SchemaError('schema', place, 'is too large');
    checkKeywords(schema, place);
    const rule = this.#ruleOf(schema, place);
    this.#depth--;
    return rule;
  }

  #ruleOf(schema: Schema, place: string): string {
    if (schema['$ref'] !== undefined) return this.#referenceRule(schema, place);
    if (schema['allOf'] !== undefined) return this.#schemaRule(this.#merged(schema, place), place);
    const keyword = (['oneOf', 'anyOf'] as const).find((name) => schema[name] !== undefined);
    if (keyword !== undefined) return this.#alternativesRule(keyword, schema, place);
    if (schema['const'] !== undefined || schema['enum'] !== undefined) return valuesRule(schema, place);
    return this.#typesRule(schema, place);
  }

  #referenceRule(schema: Schema, place: string): string {
    const { $ref: reference, ...rest } = schema;
    if (constraints(rest).length > 0)
      return this.#schemaRule(mergeSchemas(this.#resolve(schema, place), rest, place), place);
    const target = this.#target(reference, place);
    const pointer = String(reference);
    const known = this.#references.get(pointer);
    if (known !== undefined) return known;
    const name = this.#book.reserve();
    this.#references.set(pointer, name);
    const rule = this.#rule(target, `${this.#place}${pointer.slice(1)}`);
    if (rule === null || rule === name) throw new SchemaError('$ref', place, 'leads to nothing that can be written');
    return this.#book.define(name, rule);
  }

  /** What a reference names in this document. */
  #target(reference: unknown, place: string): Schema | boolean {
    if (typeof reference !== 'string' || !/^#(?:\/|$)/.test(reference)) {
      throw new SchemaError('$ref', place, 'must begin with "#/": only this document is looked at');
    }
    const steps = reference.split('/').slice(1).map(unescapedStep);
    const target = steps.reduce<unknown>(
      (part, step) =>
        typeof part === 'object' && part !== null && Object.hasOwn(part, step) ? Reflect.get(part, step) : undefined,
      this.#root,
    );
    if (typeof target === 'boolean' || isSchema(target)) return target;
    throw new SchemaError('$ref', place, `names "${reference}", which is not there`);
  }

  /** A schema whose own reference, and those behind it, are followed. */
  #resolve(schema: Schema, place: string): Schema {
    let resolved: Schema = schema;
    for (let step = 0; resolved['$ref'] !== undefined; step++) {
      if (step > DEEPEST) throw new SchemaError('$ref', place, 'refers to itself');
      const { $ref: reference, ...rest } = resolved;
      const target = this.#target(reference, place);
      if (!isSchema(target)) throw new SchemaError('$ref', place, 'must lead to an object');
      checkKeywords(target, place);
      resolved = constraints(rest).length === 0 ? target : mergeSchemas(target, rest, place);
    }
    return resolved;
  }

  /** `allOf` and what stands beside it, as one schema. */
  #merged(schema: Schema, place: string): Schema {
    const { allOf: _, ...rest } = schema;
    const parts = schemaListField(schema, 'allOf', place) ?? [];
    return parts.reduce<Schema>((merged, part, at) => {
      if (part === true) return merged;
      if (part === false) throw new SchemaError('allOf', place, 'allows nothing');
      checkKeywords(part, below(place, 'allOf', at));
      return mergeSchemas(merged, this.#resolve(part, place), place);
    }, rest);
  }

  #alternativesRule(keyword: 'anyOf' | 'oneOf', schema: Schema, place: string): string {
    const { [keyword]: _, ...rest } = schema;
    const list = schemaListField(schema, keyword, place) ?? [];
    if (keyword === 'oneOf') this.#checkDisjoint(list, place);
    const shared = constraints(rest).length > 0;
    const rules = list.flatMap((part, at) => {
      const own = below(place, keyword, at);
      const whole = shared && typeof part !== 'boolean' ? { allOf: [rest, part] } : shared && part ? rest : part;
      const rule = this.#rule(whole, own);
      return rule === null ? [] : [rule];
    });
    if (rules.length === 0) throw new SchemaError(keyword, place, 'allows nothing');
    return this.#book.add(oneOf(rules));
  }

  #checkDisjoint(list: readonly (Schema | boolean)[], place: string): void {
    list.forEach((a, at) => {
      const other = list.findIndex(
        (b, index) => index > at && !areDisjoint(a, b, (each) => this.#resolve(each, place)),
      );
      if (other < 0) return;
      throw new SchemaError(
        'oneOf',
        place,
        `cannot be kept: a value may satisfy its items ${at} and ${other}; use anyOf`,
      );
    });
  }

  #typesRule(schema: Schema, place: string): string {
    const types = typesField(schema, place) ?? inferredTypes(schema);
    const rules = types.map((type) => this.#typeRule(type, schema, place));
    if (rules.length === 0) throw new SchemaError('type', place, 'allows nothing');
    return this.#book.add(oneOf(rules));
  }

  #typeRule(type: SchemaType, schema: Schema, place: string): string {
    const write = (part: Schema | boolean, at: string): string | null => this.#rule(part, at);
    switch (type) {
      case 'object':
        return objectRule(schema, place, this.#book, write);
      case 'array':
        return arrayRule(schema, place, this.#book, write);
      case 'string':
        return stringRule(schema, place, this.#book);
      case 'integer':
      case 'number':
        return boundedRule(type, schema, place);
      case 'boolean':
        return '( "true" | "false" )';
      case 'null':
        return '"null"';
      default:
        return type satisfies never;
    }
  }

  /** One rule for every unrestricted value, referring to itself. */
  #anyValue(): string {
    if (this.#book.has('value')) return 'value';
    this.#book.define('value', '""');
    return this.#book.define('value', oneOf(ALL_TYPES.map((type) => this.#typeRule(type, {}, this.#place))));
  }
}

function unescapedStep(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~');
  } catch {
    return step; // not percent-encoded after all
  }
}

/** Without a type, keywords speak of one type each; a value of that type satisfies the schema. */
function inferredTypes(schema: Schema): readonly SchemaType[] {
  const has = (...keywords: readonly string[]): boolean => keywords.some((keyword) => schema[keyword] !== undefined);
  if (has('properties', 'required', 'additionalProperties')) return ['object'];
  if (has('items', 'prefixItems', 'minItems', 'maxItems')) return ['array'];
  if (has('minLength', 'maxLength', 'pattern', 'format')) return ['string'];
  if (has('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum')) return ['number'];
  return ALL_TYPES;
}

function boundedRule(type: 'integer' | 'number', schema: Schema, place: string): string {
  if (schema['format'] !== undefined) throw new SchemaError('format', place, `cannot be kept for a ${type}`);
  const bounds = readBounds(schema, place);
  const unbounded = bounds.least === -Infinity && bounds.most === Infinity;
  const rule = type === 'integer' ? integerRule(bounds) : numberRule(bounds);
  if (rule === null) throw new SchemaError('minimum', place, 'and maximum leave no number');
  return unbounded && type === 'number' ? `${rule} ( [eE] [-+]? [1-9] [0-9]? )?` : rule;
}

function readBounds(schema: Schema, place: string): Bounds {
  const least = numberField(schema, 'minimum', place) ?? UNBOUNDED.least;
  const most = numberField(schema, 'maximum', place) ?? UNBOUNDED.most;
  const above = numberField(schema, 'exclusiveMinimum', place) ?? UNBOUNDED.least;
  const under = numberField(schema, 'exclusiveMaximum', place) ?? UNBOUNDED.most;
  return {
    least: Math.max(least, above),
    leastExcluded: above >= least && above !== UNBOUNDED.least,
    most: Math.min(most, under),
    mostExcluded: under <= most && under !== UNBOUNDED.most,
  };
}
