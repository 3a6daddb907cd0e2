/** Reads the blocks under one `### id` heading to a task. It judges nothing: what is odd is kept for lint to tell. */
import { spanOf } from '../span.ts';
import type {
  BadField,
  Body,
  Field,
  NearMiss,
  PlanTask,
  SourceText,
  Span,
  StrayLine,
  TaskFieldName,
  TaskFields,
  TaskFieldValues,
  UnknownField,
} from '../types.ts';
import type { Block } from './blocks.ts';
import { readFieldLine } from './field-line.ts';
import { FIELD_SPECS, isFieldName } from './fields.ts';
import type { FieldSpec } from './fields.ts';
import type { ValueProblem } from './values.ts';

export interface TaskHeading {
  readonly title: string;
  readonly at: Span;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Shared by the hundred thousand tasks that have nothing odd: lists are replaced, never pushed to. */
const NONE: readonly never[] = [];

/** Takes the blocks of one task, one after the other. */
export class TaskReader {
  private readonly heading: TaskHeading;
  private readonly fields: Mutable<TaskFields> = {};
  private bodies: readonly Body[] = NONE;
  private badFields: readonly BadField[] = NONE;
  private nearMisses: readonly NearMiss[] = NONE;
  private unknownFields: readonly UnknownField[] = NONE;
  private repeatedFields: PlanTask['repeatedFields'] = NONE;
  private strayLines: readonly StrayLine[] = NONE;
  private ignoredText: readonly Span[] = NONE;
  /** The field whose value was empty on the line before: nested bullets may be meant as its list. */
  private open: { readonly name: TaskFieldName; readonly nameColumn: number } | undefined;

  constructor(heading: TaskHeading) {
    this.heading = heading;
  }

  read(block: Block): void {
    if (block.kind === 'line') this.line(block.text, block.line, block.column);
    if (block.kind !== 'fence') return;
    this.bodies = [...this.bodies, block.body];
    this.open = undefined;
  }

  finish(): PlanTask {
    const { title, at } = this.heading;
    const [body, ...further] = this.bodies;
    return {
      id: meantId(title),
      heading: title,
      idAt: at,
      fields: this.fields,
      ...(body === undefined ? {} : { body }),
      furtherBodies: further.length === 0 ? NONE : further,
      badFields: this.badFields,
      nearMisses: this.nearMisses,
      unknownFields: this.unknownFields,
      repeatedFields: this.repeatedFields,
      strayLines: this.strayLines,
      ignoredText: this.ignoredText,
    };
  }

  private line(text: string, line: number, column: number): void {
    if (this.nestedItem(text, line, column)) return;
    this.open = undefined;
    const read = readFieldLine(text, line, column);
    if (read.kind === 'prose') return;
    const at = { line, column, endColumn: column + text.length };
    if (read.kind === 'bullet') {
      this.strayLines = [...this.strayLines, { text, at }];
      return;
    }
    if (read.kind === 'near-miss') this.nearMisses = [...this.nearMisses, { at, right: read.right }];
    if (isFieldName(read.name)) return this.field(read.name, read.value, read.nameColumn);
    const nameAt = { line, column: read.nameColumn, endColumn: read.nameColumn + read.name.length };
    this.unknownFields = [...this.unknownFields, { name: read.name, nameAt }];
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

  private field(name: TaskFieldName, written: SourceText, nameColumn: number): void {
    if (written.text === '') this.open = { name, nameColumn };
    // An empty command announces the fenced block below it.
    if (written.text === '' && name === 'command') return;
    this.parse(name, name === 'command' ? this.commandSpan(written) : untick(written), nameColumn);
  }

  private parse<K extends TaskFieldName>(name: K, source: SourceText, nameColumn: number): void {
    const spec: FieldSpec<TaskFieldValues[K]> = FIELD_SPECS[name];
    const { value, problem } = spec.parse(source);
    if (problem !== undefined)
      this.bad({ name, ...problem, ...helpOf(name, problem), at: problem.at ?? spanOf(source) });
    if (value === undefined) return;
    const before: Field<TaskFieldValues[K]> | undefined = this.fields[name];
    const merges = before !== undefined && spec.merge !== undefined;
    const fields: Mutable<{ [P in K]?: Field<TaskFieldValues[P]> }> = this.fields;
    fields[name] = { value: merges ? spec.merge(before.value, value) : value, source, nameColumn };
    if (before === undefined || merges) return;
    const at = { line: source.line, column: nameColumn, endColumn: nameColumn + name.length };
    this.repeatedFields = [...this.repeatedFields, { name, at }];
  }

  private bad(field: BadField): void {
    this.badFields = [...this.badFields, field];
  }

  /**
   * A command is its back-tick span: the whole value when it starts and ends with one (back-ticks inside are kept),
   * else the first span, as old plans had it; what stands beside it is remembered as ignored.
   */
  private commandSpan(source: SourceText): SourceText {
    const { text, line, column } = source;
    const open = text.indexOf('`');
    if (open < 0) return source;
    const ticks = text.startsWith('``', open) ? 2 : 1;
    const whole = open === 0 && text.length > 2 * ticks && text.endsWith('`'.repeat(ticks));
    const close = whole ? text.length - ticks : text.indexOf('`'.repeat(ticks), open + ticks);
    if (close < 0) return source;
    const start = open + ticks;
    const after = close + ticks;
    if (open > 0) this.ignore({ line, column, endColumn: column + open });
    if (after < text.length) this.ignore({ line, column: column + after, endColumn: column + text.length });
    return { text: text.slice(start, close), line, column: column + start };
  }

  private ignore(at: Span): void {
    this.ignoredText = [...this.ignoredText, at];
  }
}

/** An item of a list that is written below its field. */
export function isNestedItem(text: string, column: number): boolean {
  return column > 1 && /^[-*+]\s+[^*]/.test(text);
}

/** `Task: x (optional)` means `x`. */
export function meantId(title: string): string {
  const match = /^task\b\s*\d*\s*[:–-]\s*(.+)$/i.exec(title);
  return match?.[1]?.replace(/\s+\([^()]*\)$/, '') ?? title;
}

function helpOf(name: TaskFieldName, { problem, help }: ValueProblem): { readonly help: string } {
  return { help: problem === 'list-notation' ? `write - **${name}**: ${help}` : help };
}

/** A value that is one back-tick span is what stands in it. */
function untick(source: SourceText): SourceText {
  const { text } = source;
  if (text[0] !== '`' || text.length < 2 || text.indexOf('`', 1) !== text.length - 1) return source;
  return { ...source, text: text.slice(1, -1).trim(), column: source.column + 1 };
}
