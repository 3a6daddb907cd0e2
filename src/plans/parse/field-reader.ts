/**
 * Collects the fields among the lines of one block (a task, a goal). It judges nothing: what is odd is kept for lint
 * to tell. Which names there are, and how each is read, is given by a table.
 */
import { spanOf } from '../span.ts';
import type { BadField, Field, FieldBlock, NearMiss, SourceText, Span, StrayLine, UnknownField } from '../types.ts';
import { readFieldLine } from './field-line.ts';
import type { ReadLine } from './field-line.ts';
import type { ValueParser, ValueProblem } from './values.ts';

export interface FieldSpec<T> {
  readonly parse: ValueParser<T>;
  /** How a repeated field adds to the one before; without it the later one counts. */
  readonly merge?: (before: T, later: T) => T;
  /** Takes the value out of what stands after the colon; without it, out of one back-tick span around it. */
  readonly cut?: (written: SourceText) => CutValue;
}

export interface CutValue {
  readonly source: SourceText;
  readonly ignored: readonly Span[];
  /** Nothing is said here: the value stands elsewhere. */
  readonly absent?: true;
}

type FieldSpecs<V> = { readonly [K in keyof V & string]: FieldSpec<V[K]> };

/** How each field is read, and which names there are. Made once: the readers of a large plan share it. */
export interface FieldTable<V> {
  readonly specs: FieldSpecs<V>;
  readonly isKnown: (name: string) => name is keyof V & string;
}

export function fieldTable<V>(specs: FieldSpecs<V>): FieldTable<V> {
  const names = new Set(Object.keys(specs));
  return { specs, isKnown: (name): name is keyof V & string => names.has(name) };
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Shared by the hundred thousand tasks that have nothing odd: lists are replaced, never pushed to. */
const NONE: readonly never[] = [];

/** Takes the lines of one block, one after the other. */
export class FieldReader<V> {
  private readonly table: FieldTable<V>;
  private readonly readLine: ReadLine;
  // Every name is optional, which cannot be seen of a type that is not known yet.
  private readonly fields = {} as Mutable<FieldBlock<V>['fields']>;
  private badFields: readonly BadField[] = NONE;
  private nearMisses: readonly NearMiss[] = NONE;
  private unknownFields: readonly UnknownField[] = NONE;
  private repeatedFields: FieldBlock<V>['repeatedFields'] = NONE;
  private strayLines: readonly StrayLine[] = NONE;
  private ignoredText: readonly Span[] = NONE;
  /** The field whose value was empty on the line before: nested bullets may be meant as its list. */
  private open: { readonly name: keyof V & string; readonly nameColumn: number } | undefined;

  constructor(table: FieldTable<V>, readLine: ReadLine = (text) => readFieldLine(text, table.isKnown)) {
    this.table = table;
    this.readLine = readLine;
  }

  line(text: string, line: number, column: number): void {
    if (this.nestedItem(text, line, column)) return;
    this.open = undefined;
    const { isKnown } = this.table;
    const read = this.readLine(text);
    if (read.kind === 'prose') return;
    const wholeLine = (): Span => ({ line, column, endColumn: column + text.length });
    if (read.kind === 'bullet') {
      this.strayLines = [...this.strayLines, { text, at: wholeLine() }];
      return;
    }
    if (read.kind === 'near-miss') this.nearMisses = [...this.nearMisses, { at: wholeLine(), right: read.right }];
    const { name, value, valueStart } = read;
    const nameColumn = column + read.nameStart;
    if (isKnown(name)) return this.field(name, { text: value, line, column: column + valueStart }, nameColumn);
    const nameAt = { line, column: nameColumn, endColumn: nameColumn + name.length };
    this.unknownFields = [...this.unknownFields, { name, nameAt }];
  }

  /** What follows is no line: a nested list cannot go on behind it. */
  interrupt(): void {
    this.open = undefined;
  }

  finish(): FieldBlock<V> {
    return {
      fields: this.fields,
      badFields: this.badFields,
      nearMisses: this.nearMisses,
      unknownFields: this.unknownFields,
      repeatedFields: this.repeatedFields,
      strayLines: this.strayLines,
      ignoredText: this.ignoredText,
    };
  }

  /** `  - a` below `- **depends_on**:` is a list in the wrong notation; it is read, and told of. */
  private nestedItem(text: string, line: number, column: number): boolean {
    const { open } = this;
    if (open === undefined || !isNestedItem(text, column)) return false;
    const item = text.slice(1).trim();
    const before = this.fields[open.name]?.source.text ?? '';
    const joined = before === '' ? item : `${before}, ${item}`;
    delete this.fields[open.name];
    this.parse(open.name, { text: joined, line, column: column + 2 }, open.nameColumn);
    const at = { line, column, endColumn: column + text.length };
    const help = `write - **${open.name}**: ${joined}`;
    const message = `the list of ${open.name} stands on one line, with commas`;
    this.bad({ name: open.name, problem: 'list-notation', at, message, help });
    return true;
  }

  private field(name: keyof V & string, written: SourceText, nameColumn: number): void {
    if (written.text === '') this.open = { name, nameColumn };
    const { cut = untick } = this.table.specs[name];
    const { source, ignored, absent } = cut(written);
    if (ignored.length > 0) this.ignoredText = [...this.ignoredText, ...ignored];
    if (absent !== true) this.parse(name, source, nameColumn);
  }

  private parse<K extends keyof V & string>(name: K, source: SourceText, nameColumn: number): void {
    const spec: FieldSpec<V[K]> = this.table.specs[name];
    const { value, problem } = spec.parse(source);
    if (problem !== undefined)
      this.bad({ name, ...problem, ...helpOf(name, problem), at: problem.at ?? spanOf(source) });
    if (value === undefined) return;
    const before: Field<V[K]> | undefined = this.fields[name];
    const merges = before !== undefined && spec.merge !== undefined;
    this.fields[name] = { value: merges ? spec.merge(before.value, value) : value, source, nameColumn };
    if (before === undefined || merges) return;
    const at = { line: source.line, column: nameColumn, endColumn: nameColumn + name.length };
    this.repeatedFields = [...this.repeatedFields, { name, at }];
  }

  private bad(field: BadField): void {
    this.badFields = [...this.badFields, field];
  }
}

/** An item of a list that is written below its field. */
export function isNestedItem(text: string, column: number): boolean {
  return column > 1 && /^[-*+]\s+[^*]/.test(text);
}

function helpOf(name: string, { problem, help }: ValueProblem): { readonly help: string } {
  return { help: problem === 'list-notation' ? `write - **${name}**: ${help}` : help };
}

/** A value that is one back-tick span is what stands in it. */
function untick(source: SourceText): CutValue {
  const { text } = source;
  if (text[0] !== '`' || text.length < 2 || text.indexOf('`', 1) !== text.length - 1) return { source, ignored: NONE };
  return { source: { ...source, text: text.slice(1, -1).trim(), column: source.column + 1 }, ignored: NONE };
}
