/** `$DROVER_HOME/secrets.env`: `NAME=value` lines that nobody else may read. */

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { AppError } from '../../contract/index.ts';
import { readFileIfExists, statIfThere, writeFileAtomic } from '../../kernel/index.ts';

export const SECRET_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;

export function secretFile(home: string): string {
  return join(home, 'secrets.env');
}

/** Throws PERMISSION_DENIED for a file that others can read: its values are not used then. */
export function readSecretFile(home: string): ReadonlyMap<string, string> {
  const file = secretFile(home);
  const text = readFileIfExists(file);
  if (text === null) return new Map();
  assertPrivate(file);
  return new Map(text.split(/\r?\n/).flatMap((line) => entryOf(line) ?? []));
}

/** The mode bits that let others in; 0 when there is no file. */
export function openBits(file: string): number {
  if (process.platform === 'win32') return 0;
  return (statIfThere(file)?.mode ?? 0) & 0o077;
}

function assertPrivate(file: string): void {
  if (openBits(file) === 0) return;
  throw new AppError('PERMISSION_DENIED', `${file} can be read by others, so its secrets are not used`, {
    hint: `run "chmod 600 ${file}"`,
  });
}

function entryOf(line: string): [[string, string]] | null {
  const found = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)=(.*)$/.exec(line);
  return found === null ? null : [[found[1] ?? '', unquoted((found[2] ?? '').trim())]];
}

/** `"…"` is JSON text, so that a value may have line breaks; `'…'` is as it is. */
function unquoted(value: string): string {
  if (/^'.*'$/.test(value)) return value.slice(1, -1);
  if (!/^".*"$/.test(value)) return value;
  try {
    return String(JSON.parse(value));
  } catch {
    return value.slice(1, -1);
  }
}

/** Adds or replaces; null takes it out. False when there was nothing to take out. */
export function writeSecret(home: string, name: string, value: string | null): boolean {
  const file = secretFile(home);
  const before = readSecretFile(home);
  if (value === null && !before.has(name)) return false;
  const entries = new Map(before);
  if (value === null) entries.delete(name);
  else entries.set(name, value);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const lines = [...entries].map(([key, each]) => `${key}=${JSON.stringify(each)}\n`);
  writeFileAtomic(file, lines.join(''));
  return true;
}
