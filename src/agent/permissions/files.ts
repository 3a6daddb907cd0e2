/** Policies on disk: `$DROVER_HOME/policies/<role>.json`, or the built-in one. Read again when the file has changed. */

import { mkdirSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { AppError } from '../../contract/index.ts';
import { readFileIfExists, statIfThere, writeFileAtomic } from '../../kernel/index.ts';
import { DEFAULT_POLICY, policySchema } from './policy.ts';
import type { ExecutorRole, Policy } from './policy.ts';

interface LoadedPolicy {
  readonly policy: Policy;
  /** Null: the built-in one. */
  readonly file: string | null;
}

export interface Policies {
  /** Throws CONFIG_INVALID for a file that cannot be used: then nothing of the role may run. */
  of(role: ExecutorRole): LoadedPolicy;
  /** Allows commands from now on, at the end of the file; the file is made when there is none. */
  allow(role: ExecutorRole, commands: readonly string[]): void;
}

export function policyFile(home: string, role: ExecutorRole): string {
  return join(home, 'policies', `${role}.json`);
}

export function createPolicies(home: string): Policies {
  const known = new Map<ExecutorRole, { readonly stamp: string; readonly loaded: LoadedPolicy }>();
  const load = (role: ExecutorRole): LoadedPolicy => {
    const file = policyFile(home, role);
    const stamp = stampOf(file);
    const kept = known.get(role);
    if (kept?.stamp === stamp) return kept.loaded;
    const loaded = readPolicy(file);
    known.set(role, { stamp, loaded });
    return loaded;
  };
  return {
    of: load,
    allow(role, commands) {
      const { policy } = load(role);
      const added = commands.filter((command) => !policy.allow.includes(command));
      if (added.length === 0) return;
      const file = policyFile(home, role);
      mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
      writeFileAtomic(file, `${JSON.stringify({ ...policy, allow: [...policy.allow, ...added] }, null, 2)}\n`);
    },
  };
}

function stampOf(file: string): string {
  const found = statIfThere(file);
  return found ? `${found.mtimeMs} ${found.size} ${found.ino}` : '';
}

function readPolicy(file: string): LoadedPolicy {
  const text = readFileIfExists(file);
  if (text === null) return { policy: DEFAULT_POLICY, file: null };
  const parsed = policySchema.safeParse(parse(text, file));
  if (parsed.success) return { policy: parsed.data, file };
  const [issue] = parsed.error.issues;
  throw unusable(file, issue ? `${issue.path.join('.')}: ${issue.message}` : 'it has another form');
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unusable(file, error instanceof Error ? error.message : 'it is no JSON');
  }
}

function unusable(file: string, what: string): AppError {
  return new AppError('CONFIG_INVALID', `the policy ${file} cannot be used: ${what}`, {
    hint: 'correct it, or remove it for the built-in policy; "drover policy show" checks it',
  });
}

/** The path behind links; what is not there stays as it is. */
export function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
