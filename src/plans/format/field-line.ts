/**
 * The canonical form of one field of a task. A line is only ever replaced by one that reads to the same value: where
 * that cannot be had, it stays as its author wrote it.
 */
import type { FieldLine } from '../parse/field-line.ts';
import { isFieldName } from '../parse/fields.ts';
import { splitList } from '../parse/lists.ts';
import { TaskReader } from '../parse/task.ts';
import type { TaskFieldName } from '../types.ts';

interface WrittenField {
  /** Without the blanks around it. */
  readonly text: string;
  readonly read: Extract<FieldLine, { kind: 'field' | 'near-miss' }>;
  /** Items of the list that stands below the field, in place of a value. */
  readonly below: readonly string[];
}

export function formatField({ text, read, below }: WrittenField): string {
  const written = below.length === 0 ? read.value : below.join(', ');
  if (!isFieldName(read.name)) return `- **${read.name}**: ${written}`.trimEnd();
  const plain = `- **${read.name}**: ${written}`.trimEnd();
  const best = `- **${read.name}**: ${canonicalValue(read.name, written)}`.trimEnd();
  const meaning = meaningOf(plain);
  if (meaning === meaningOf(best)) return best;
  return below.length === 0 && meaning !== meaningOf(text) ? text : plain;
}

type Shape = (written: string) => string;

const LISTS: readonly TaskFieldName[] = ['requires', 'produces', 'input', 'options', 'secrets', 'fail_codes', 'env'];
const WORDS: readonly TaskFieldName[] = [
  'executor',
  'task_class',
  'type',
  'vram_policy',
  'llm_placement',
  'cache',
  'sandbox',
  'priority',
];
const FLAGS: readonly TaskFieldName[] = ['evaluate', 'pausable'];

const SHAPES: Readonly<Partial<Record<TaskFieldName, Shape>>> = {
  ...Object.fromEntries(LISTS.map((name) => [name, listText])),
  ...Object.fromEntries(WORDS.map((name) => [name, (written: string) => untick(written).toLowerCase()])),
  ...Object.fromEntries(FLAGS.map((name) => [name, flagText])),
  command: (written) => (written === '' || written.includes('`') ? written : `\`${written}\``),
  depends_on: (written) => (/^(none\.?)?$/i.test(untick(written)) ? 'none' : listText(written)),
};

function canonicalValue(name: TaskFieldName, written: string): string {
  return (SHAPES[name] ?? untick)(written);
}

function flagText(written: string): string {
  const folded = untick(written).toLowerCase();
  if (folded === 'yes') return 'true';
  return folded === 'no' ? 'false' : folded;
}

/** Items with one comma and one blank between them; a JSON array becomes such a list. */
function listText(written: string): string {
  const value = untick(written);
  const inner = /^\[([^]*)\]$/.exec(value)?.[1];
  const items = splitList({ text: inner ?? value, line: 1, column: 1 }).map((item) => item.text);
  if (inner === undefined) return items.join(', ');
  return items.length === 0 ? 'none' : items.map(withoutQuotes).join(', ');
}

/** Quotes stay where they hold a comma together. */
function withoutQuotes(item: string): string {
  const bare = /^(["'`])([^]*)\1$/.exec(item)?.[2] ?? item;
  return bare.includes(',') || bare === '' ? item : bare;
}

function untick(written: string): string {
  return /^`([^`]+)`$/.exec(written)?.[1]?.trim() ?? written;
}

/** What a field line reads to: its value, or what is wrong with it, without places. */
function meaningOf(line: string): string {
  const reader = new TaskReader({ title: 'x', at: { line: 1, column: 1, endColumn: 2 } });
  reader.read({ kind: 'line', text: line, line: 1, column: 1 });
  const { fields, badFields, ignoredText } = reader.finish();
  const values = Object.entries(fields).map(([name, field]) => [name, field.value]);
  const wrong = badFields.filter(({ problem }) => problem !== 'list-notation').map(({ problem }) => problem);
  return JSON.stringify([values, wrong, ignoredText.length], (key, value: unknown) => (key === 'at' ? null : value));
}
