/** Runs a program with the streams of this command. */

import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';
import { once } from 'node:events';

/** Resolves with its exit code, 1 after a signal. Rejects when it cannot be started. */
export async function perform(
  [program = '', ...args]: readonly string[],
  where: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): Promise<number> {
  const child = spawn(program, args, { stdio: 'inherit', ...where });
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
