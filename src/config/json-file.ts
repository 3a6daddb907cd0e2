/** Reads a JSON config file down to a plain object, with the place of whatever is wrong. Knows no field. */

import { readFileSync } from 'node:fs';

import { hasCode } from '../kernel/index.ts';
import { jsonFaultOffset } from './json-fault.ts';
import type { ConfigProblem } from './problem.ts';

export type JsonFile =
  | { readonly kind: 'read'; readonly value: Readonly<Record<string, unknown>> }
  | { readonly kind: 'absent' }
  | { readonly kind: 'broken'; readonly problems: readonly ConfigProblem[] };

export function readJsonFile(file: string): JsonFile {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (hasCode(error, 'ENOENT') || hasCode(error, 'ENOTDIR')) return { kind: 'absent' };
    return broken(file, error instanceof Error ? error.message : String(error), null);
  }
  return parseJsonBytes(file, bytes);
}

/** Never throws, whatever the bytes are. */
export function parseJsonBytes(file: string, bytes: Uint8Array): JsonFile {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return broken(file, 'not UTF-8 text', 'save the file as UTF-8');
  }
  if (text.trim() === '') return broken(file, 'the file is empty', 'write a JSON object');
  try {
    const value: unknown = JSON.parse(text);
    if (isObject(value)) return { kind: 'read', value };
    return broken(file, `expected a JSON object, found ${nameOf(value)}`, null);
  } catch (error) {
    return broken(file, syntaxMessage(text, error), 'JSON knows no comments and no comma before a closing bracket');
  }
}

function broken(file: string, message: string, hint: string | null): JsonFile {
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
function syntaxMessage(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const { line, column } = placeOf(text, jsonFaultOffset(text));
  const what = message.replace(/ in JSON at position.*$/s, '').replace(/, "[\s\S]*" is not valid JSON$/, '');
  return `line ${line}, column ${column}: ${what}`;
}

function placeOf(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1) ?? '').length + 1 };
}
