/** Names for controllers: `$DROVER_HOME/contexts.json`. Reads and renders; nothing here connects. */

import { AppError } from '../contract/errors.ts';
import { readJsonFile } from './reading/json-file.ts';
import { LOCAL } from './paths.ts';

interface NamedContext {
  readonly name: string;
  /** As given to `-H`. */
  readonly host: string;
  /** A file with the key that its requests carry; the key itself stands in no config. */
  readonly keyFile: string | null;
}

export interface Contexts {
  /** What counts without `-H` and DROVER_HOST; null: this machine. */
  readonly current: string | null;
  readonly named: readonly NamedContext[];
}

/** A name is no address: it has neither dot, colon nor slash. */
export const CONTEXT_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

/** Throws CONFIG_INVALID with the place of what is wrong. */
export function loadContexts(file: string): Contexts {
  const read = readJsonFile(file);
  if (read.kind === 'absent') return { current: null, named: [] };
  if (read.kind === 'broken') throw invalid(file, read.problems[0]?.message ?? 'cannot be read');
  const { current = null, contexts = {} } = read.value;
  if (current !== null && typeof current !== 'string') throw invalid(file, 'current: must be a name');
  if (typeof contexts !== 'object' || contexts === null) throw invalid(file, 'contexts: must be an object');
  return { current, named: Object.entries(contexts).map(([name, entry]) => contextAt(file, name, entry)) };
}

export function contextsText({ current, named }: Contexts): string {
  const contexts = Object.fromEntries(
    named.map(({ name, host, keyFile }) => [name, { host, ...(keyFile === null ? {} : { key_file: keyFile }) }]),
  );
  return `${JSON.stringify({ current, contexts }, null, 2)}\n`;
}

function contextAt(file: string, name: string, entry: unknown): NamedContext {
  if (!CONTEXT_NAME.test(name) || name === LOCAL) throw invalid(file, `contexts.${name}: is no name of a context`);
  const { host, key_file: keyFile = null } = (entry ?? {}) as Record<string, unknown>;
  if (typeof host !== 'string') throw invalid(file, `contexts.${name}.host: must be an address`);
  if (keyFile !== null && typeof keyFile !== 'string') throw invalid(file, `contexts.${name}.key_file: must be a path`);
  return { name, host, keyFile };
}

function invalid(file: string, message: string): AppError {
  return new AppError('CONFIG_INVALID', `${file}: ${message}`, { hint: 'mend the file, or remove it' });
}
