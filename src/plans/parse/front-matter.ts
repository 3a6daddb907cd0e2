/** Reads the YAML front matter: run defaults and nothing else. Values pass through the same parsers as task fields. */
import { isMap, isScalar, parseDocument } from 'yaml';
import { Lines, splitLines } from './blocks.ts';
import type { PlanDefaults, PlanFault, Span } from '../types.ts';
import { duration, integer, numberOrPlaceholder, priority } from './values.ts';
import type { ValueParser } from './values.ts';

interface FrontMatter {
  readonly defaults: PlanDefaults;
  readonly faults: readonly PlanFault[];
  /** How many lines it takes. */
  readonly lineCount: number;
  readonly name?: string;
}

const NUMBERS: Readonly<Record<string, ValueParser<number | string>>> = {
  timeout: duration,
  retries: integer(0, 100),
  priority,
  max_tokens: numberOrPlaceholder(1, 1_000_000),
  temperature: numberOrPlaceholder(0, 5),
};
const KEYS = [...Object.keys(NUMBERS), 'model', 'env', 'name'];

export function readFrontMatter(source: string): FrontMatter {
  if (new Lines(source).next()?.trimEnd() !== '---') return { defaults: {}, faults: [], lineCount: 0 };
  const lines = splitLines(source);
  const end = lines.findIndex((line, index) => index > 0 && /^(---|\.\.\.)\s*$/.test(line));
  if (end < 0) {
    const fault = faultAt(lineSpan(lines, 1), 'the front matter is not closed', 'close it with a line of three dashes');
    return { defaults: {}, faults: [fault], lineCount: 1 };
  }
  return { ...readYaml(lines, end), lineCount: end + 1 };
}

function readYaml(lines: readonly string[], end: number): Omit<FrontMatter, 'lineCount'> {
  const text = lines.slice(1, end).join('\n');
  const document = parseDocument(text, { uniqueKeys: true });
  const place = (offset: number): Span => lineSpan(lines, text.slice(0, offset).split('\n').length + 1);
  const faults = document.errors.map((error) =>
    faultAt(place(error.pos[0]), `the front matter is no valid YAML: ${firstLine(error.message)}`),
  );
  const root = document.contents;
  if (faults.length > 0 || root === null) return { defaults: {}, faults };
  if (!isMap(root)) return { defaults: {}, faults: [faultAt(place(0), 'the front matter is no mapping of defaults')] };
  const defaults: Record<string, unknown> = {};
  for (const { key, value } of root.items) {
    const name = isScalar(key) ? String(key.value) : '';
    const at = place(isScalar(key) ? (key.range?.[0] ?? 0) : 0);
    const read = readDefault(name, value);
    if (typeof read === 'object' && 'message' in read) faults.push(faultAt(at, read.message, read.help));
    else defaults[name] = read.value;
  }
  const { name, ...known } = defaults;
  // Each value has passed the parser of its key above.
  return { defaults: known as PlanDefaults, faults, ...(typeof name === 'string' ? { name } : {}) };
}

type ReadDefault = { readonly value: unknown } | { readonly message: string; readonly help: string };

function readDefault(name: string, node: unknown): ReadDefault {
  if (name === 'env') return readEnv(node);
  const written = isScalar(node) ? String(node.value ?? '') : '';
  if (name === 'model' || name === 'name') {
    return written === '' ? { message: `${name} is no text`, help: `write ${name}: TEXT` } : { value: written };
  }
  const parse = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined;
  if (parse === undefined) return { message: `"${name}" is no run default`, help: `known are ${KEYS.join(', ')}` };
  const { value, problem } = parse({ text: written, line: 1, column: 1 });
  if (problem !== undefined) return { message: `${name}: ${problem.message}`, help: problem.help };
  if (typeof value === 'number') return { value };
  return { message: `${name} is no number`, help: 'placeholders are not replaced in the front matter' };
}

function readEnv(node: unknown): ReadDefault {
  const wrong = {
    message: 'env is no mapping of names to texts',
    help: 'write env:, then NAME: value on indented lines',
  };
  if (!isMap(node)) return wrong;
  const entries = node.items.map(({ key, value }) => [
    isScalar(key) ? String(key.value) : '',
    isScalar(value) ? String(value.value ?? '') : undefined,
  ]);
  const valid = entries.every(([name, value]) => value !== undefined && isEnvironmentName(name ?? ''));
  return valid ? { value: Object.fromEntries(entries) } : wrong;
}

function isEnvironmentName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !name.startsWith('DROVER_');
}

function lineSpan(lines: readonly string[], line: number): Span {
  return { line, column: 1, endColumn: Math.max((lines[line - 1] ?? '').length, 1) + 1 };
}

function faultAt(at: Span, message: string, help = 'see docs/plan-format.md for the run defaults'): PlanFault {
  return { code: 'P011', at, message, help };
}

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/ at line .*$/, '');
}
