/** Reads a JSON config file down to a plain object, with the place of whatever is wrong. Knows no field. */

import { readFileSync, statSync } from 'node:fs';

import { hasCode } from '../../kernel/index.ts';
import { scanJson } from './json-scan.ts';
import type { JsonScan } from './json-scan.ts';
import { formatPath } from './problem.ts';
import type { ConfigProblem } from './problem.ts';

/** More than anybody writes, and less than would stop the daemon while it reads. */
const MAX_BYTES = 1_000_000;
/** Deeper than any field lies, and less deep than what walking it could not bear. */
const MAX_DEPTH = 50;

export type JsonFile =
  | { readonly kind: 'read'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly problems: readonly ConfigProblem[] };

export function readJsonFile(file: string): JsonFile {
  let bytes: Uint8Array;
  try {
    // A device or a pipe in the place of the file would never end.
    if (!statSync(file).isFile()) return broken(file, 'is no file', 'put a JSON file in its place');
    if (statSync(file).size > MAX_BYTES) return tooLarge(file, statSync(file).size);
    bytes = readFileSync(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return { kind: 'absent' };
    return broken(file, error instanceof Error ? error.message : String(error), 'make it readable for this user');
  }
  return parseJsonBytes(file, bytes);
}

/** Never throws, whatever the bytes are. */
export function parseJsonBytes(file: string, bytes: Uint8Array): JsonFile {
  if (bytes.byteLength > MAX_BYTES) return tooLarge(file, bytes.byteLength);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return broken(file, 'not UTF-8 text', 'save the file as UTF-8');
  }
  if (text.trim() === '') return broken(file, 'the file is empty', 'write a JSON object');
  const scan = scanJson(text);
  if (scan.depth > MAX_DEPTH) {
    return broken(
      file,
      `nested more than ${MAX_DEPTH} levels deep`,
      'no field lies that deep; see "drover config schema"',
    );
  }
  try {
    const value: unknown = JSON.parse(text);
    if (!isObject(value))
      return broken(file, `expected a JSON object, found ${nameOf(value)}`, 'begin with { and end with }');
    return scan.duplicates.length === 0 ? { kind: 'read', value } : writtenTwice(file, text, scan);
  } catch (error) {
    return broken(
      file,
      syntaxMessage(text, scan.end, error),
      'JSON knows no comments and no comma before a closing bracket',
    );
  }
}

function tooLarge(file: string, bytes: number): JsonFile {
  return broken(
    file,
    `has ${bytes} bytes; more than ${MAX_BYTES} are not read`,
    'see "drover config schema" for its fields',
  );
}

/** The last one would count without a word: whoever wrote two meant one of them. */
function writtenTwice(file: string, text: string, { duplicates }: JsonScan): JsonFile {
  const problems = duplicates.map(({ path, offset }): ConfigProblem => {
    const { line, column } = placeOf(text, offset);
    const message = `is written twice; line ${line}, column ${column}`;
    return { file, path: formatPath(path), message, hint: 'keep one of them', severity: 'error' };
  });
  return { kind: 'broken', problems };
}

function broken(file: string, message: string, hint: string): JsonFile {
  return { kind: 'broken', problems: [{ file, path: '', message, hint, severity: 'error' }] };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function nameOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : `a ${typeof value}`;
}

/** `line L, column C: …` with what V8 says, less the part of its message that quotes the file. */
function syntaxMessage(text: string, offset: number, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const { line, column } = placeOf(text, offset);
  const what = message.replace(/ in JSON at position.*$/s, '').replace(/, "[\s\S]*" is not valid JSON$/, '');
  return `line ${line}, column ${column}: ${what}`;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
