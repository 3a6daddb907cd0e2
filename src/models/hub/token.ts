/** The token for the hub: the variable, else what the hub's own tools have kept for this user. */

import { homedir } from 'node:os';
import { join } from 'node:path';

import { readFileIfExists } from '../../kernel/index.ts';

export function hubToken(env: Readonly<Record<string, string | undefined>>): string | null {
  const given = env['HF_TOKEN']?.trim();
  if (given) return given;
  const home = env['HF_HOME'] || join(env['HOME'] || homedir(), '.cache', 'huggingface');
  const kept = readFileIfExists(env['HF_TOKEN_PATH'] || join(home, 'token'))?.trim();
  return kept === undefined || kept === '' ? null : kept;
}
