/** What is launched for the command of a grant: its own program where that will do, else bash with its text. */

import type { Grant } from '../../contract/index.ts';
import type { LaunchSpec } from '../../kernel/index.ts';
import { bashArguments } from './attempt-folder.ts';
import type { AttemptFiles } from './attempt-folder.ts';
import { isProgram, plainCommand } from './plain-command.ts';
import type { PlainCommand } from './plain-command.ts';
import type { Enclose } from '../terms/terms.ts';

interface Around {
  readonly files: AttemptFiles;
  readonly bash: string;
  /** Null: nothing is around it. */
  readonly enclose: Enclose | null;
}

/** The program of a plain command itself, else bash with the command as its text. */
export function launchLine(
  grant: Pick<Grant, 'command' | 'cwd'>,
  env: Readonly<Record<string, string>>,
  { files, bash, enclose }: Around,
): Pick<LaunchSpec, 'file' | 'args' | 'builtin' | 'redirections'> {
  const plain = programFor(grant, env);
  if (plain !== null && enclose === null) {
    const [file, ...args] = plain.words;
    return { file, args, builtin: plain.builtin, redirections: plain.redirections };
  }
  // What is enclosed opens its files itself, from within.
  const isWords = plain !== null && plain.redirections.length === 0;
  const words = isWords ? plain.words : [bash, ...bashArguments(grant.command, files)];
  const [file = bash, ...args] = enclose?.(words, bash) ?? words;
  return { file, args };
}

/** Null when only bash can tell what the command means. */
function programFor(
  { command, cwd }: Pick<Grant, 'command' | 'cwd'>,
  env: Readonly<Record<string, string>>,
): PlainCommand | null {
  const plain = plainCommand(command);
  if (plain === null || plain.builtin) return plain;
  return isProgram(plain.words[0], { cwd, path: env['PATH'] ?? '' }) ? plain : null;
}
