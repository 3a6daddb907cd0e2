/** `drover dashboard`: the full-screen view. It lives in `tui/`, which is loaded only here. */

import process from 'node:process';

import { createClient } from '../../client/index.ts';
import { AppError } from '../../contract/errors.ts';
import { EXIT } from '../../contract/exit-codes.ts';
import type { CliContext } from '../context.ts';

export async function dashboard(this: CliContext): Promise<void> {
  const { client, quietClient, clock, env, signal } = this;
  if (!isFullTerminal(env)) {
    throw new AppError('INVALID_REQUEST', 'the dashboard needs a terminal', {
      hint: 'for programs and files there is "drover ps --json"',
    });
  }
  await client.daemon();
  const { runDashboard } = await import('../../tui/index.ts');
  const how = await runDashboard({
    createClient: (until) =>
      createClient({ endpoint: quietClient.endpoint, key: env['DROVER_API_KEY'] || undefined, signal: until }),
    clock,
    signal,
    process,
    stdin: process.stdin,
    stdout: process.stdout,
    colours: !env['NO_COLOR'],
  });
  if (how === 'interrupted') this.end(EXIT.interrupted);
}

/** One that is typed on and that moves its cursor. */
function isFullTerminal(env: CliContext['env']): boolean {
  return process.stdin.isTTY === true && process.stdout.isTTY === true && env['TERM'] !== 'dumb';
}
