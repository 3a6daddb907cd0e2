/** Reads the blocks under one `### id` heading to a task. It judges nothing: what is odd is kept for lint to tell. */
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
import { spanOf } from './values.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

interface TaskDraft {
  readonly fields: Mutable<TaskFields>;
  readonly bodies: Body[];
  readonly badFields: BadField[];
  readonly nearMisses: NearMiss[];
  readonly unknownFields: UnknownField[];
  readonly repeatedFields: { name: TaskFieldName; at: Span }[];
  readonly strayLines: StrayLine[];
  readonly ignoredText: Span[];
  /** The field whose value was empty on the line before: nested bullets may be meant as its list. */
  open: { readonly name: TaskFieldName; readonly nameAt: Span } | undefined;
}

export interface TaskHeading {
  readonly title: string;
  readonly at: Span;
}

export function readTask(heading: TaskHeading, blocks: readonly Block[]): PlanTask {
  const draft: TaskDraft = {
    fields: {},
    bodies: [],
    badFields: [],
    nearMisses: [],
    unknownFields: [],
    repeatedFields: [],
    strayLines: [],
    ignoredText: [],
    open: undefined,
  };
  for (const block of blocks) readBlock(draft, block);
  const [body, ...furtherBodies] = draft.bodies;
  const { bodies: _, open: __, ...kept } = draft;
  const id = heading.title.replace(/^task\b\s*\d*\s*[:–-]\s*/i, '').replace(/\s+\([^()]*\)$/, '');
  return {
    id: heading.title.toLowerCase().startsWith('task') && id !== '' ? id : heading.title,
    heading: heading.title,
    idAt: heading.at,
    ...kept,
    ...(body === undefined ? {} : { body }),
    furtherBodies,
  };
}

function readBlock(draft: TaskDraft, block: Block): void {
  if (block.kind === 'fence') {
    draft.bodies.push(block.body);
    draft.open = undefined;
  } else if (block.kind === 'line') {
    readLine(draft, block);
  }
}

function readLine(draft: TaskDraft, { text, line, column }: { text: string; line: number; column: number }): void {
  if (readNestedItem(draft, text, line, column)) return;
  draft.open = undefined;
  const read = readFieldLine(text, line, column);
  const at = { line, column, endColumn: column + text.length };
  if (read.kind === 'prose') return;
  if (read.kind === 'bullet') {
    draft.strayLines.push({ text, at });
    return;
  }
  if (read.kind === 'near-miss') draft.nearMisses.push({ at, right: read.right });
  if (isFieldName(read.name)) setField(draft, read.name, read.value, read.nameAt);
  else draft.unknownFields.push({ name: read.name, nameAt: read.nameAt });
}

/** `  - a` below `- **depends_on**:` is a list in the wrong notation; it is read, and told of. */
function readNestedItem(draft: TaskDraft, text: string, line: number, column: number): boolean {
  const open = draft.open;
  if (open === undefined || column === 1 || !/^[-*+]\s+[^*]/.test(text)) return false;
  const item = text.slice(1).trim();
  const before = draft.fields[open.name]?.source.text ?? '';
  const joined = before === '' ? item : `${before}, ${item}`;
  delete draft.fields[open.name];
  parseInto(draft, open.name, { text: joined, line, column: column + 2 }, open.nameAt);
  const at = { line, column, endColumn: column + text.length };
  const help = `write - **${open.name}**: ${joined}`;
  const message = `the list of ${open.name} stands on one line, with commas`;
  draft.badFields.push({ name: open.name, problem: 'list-notation', at, message, help });
  return true;
}

function setField(draft: TaskDraft, name: TaskFieldName, written: SourceText, nameAt: Span): void {
  if (written.text === '') draft.open = { name, nameAt };
  // An empty command or prompt announces the fenced block below it.
  if (written.text === '' && name === 'command') return;
  const source = name === 'command' ? commandSpan(draft, written) : untick(written);
  parseInto(draft, name, source, nameAt);
}

function parseInto<K extends TaskFieldName>(draft: TaskDraft, name: K, source: SourceText, nameAt: Span): void {
  const spec: FieldSpec<TaskFieldValues[K]> = FIELD_SPECS[name];
  const at = spanOf(source);
  const { value, problem } = spec.parse(source);
  if (problem !== undefined) draft.badFields.push({ name, ...problem, at: problem.at ?? at });
  if (value === undefined) return;
  const before: Field<TaskFieldValues[K]> | undefined = draft.fields[name];
  if (before !== undefined && spec.merge === undefined) draft.repeatedFields.push({ name, at: nameAt });
  const merged = before !== undefined && spec.merge !== undefined ? spec.merge(before.value, value) : value;
  const field: Field<TaskFieldValues[K]> = { value: merged, source, at, nameAt };
  Object.assign(draft.fields, { [name]: field });
}

/** A value that is one back-tick span is what stands in it. */
function untick(source: SourceText): SourceText {
  const { text } = source;
  if (text.length < 2 || text[0] !== '`' || text.indexOf('`', 1) !== text.length - 1) return source;
  return { ...source, text: text.slice(1, -1).trim(), column: source.column + 1 };
}

/**
 * A command is its back-tick span: the whole value when it starts and ends with one (back-ticks inside are kept),
 * else the first span, as old plans had it; what stands beside it is remembered as ignored.
 */
function commandSpan(draft: TaskDraft, source: SourceText): SourceText {
  const { text, line, column } = source;
  const open = text.indexOf('`');
  if (open < 0) return source;
  const ticks = text.startsWith('``', open) ? 2 : 1;
  const whole = open === 0 && text.length > 2 * ticks && text.endsWith('`'.repeat(ticks));
  const close = whole ? text.length - ticks : text.indexOf('`'.repeat(ticks), open + ticks);
  if (close < 0) return source;
  const start = open + ticks;
  if (open > 0) draft.ignoredText.push({ line, column, endColumn: column + open });
  const after = close + ticks;
  if (after < text.length) draft.ignoredText.push({ line, column: column + after, endColumn: column + text.length });
  return { text: text.slice(start, close), line, column: column + start };
}
