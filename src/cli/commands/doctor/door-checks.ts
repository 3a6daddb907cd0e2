/** The doctor's look at the front door: its address, and the keys that one beyond this machine needs. */

import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

import { hasCode, readFileIfExists } from '../../../kernel/files.ts';
import { hasActiveKey } from '../../active-key.ts';
import type { CliContext } from '../../context.ts';
import { ok, problem } from './finding.ts';
import type { Finding } from './finding.ts';
import { notLookedAt, settingsOf } from './settings.ts';
import type { LoadedSettings } from './settings.ts';

/** Up to here a port is root's. */
const LAST_ROOT_PORT = 1023;

/** The front door: ours while the daemon runs, free while it does not. */
export async function checkPort(context: CliContext): Promise<Finding[]> {
  const loaded = await settingsOf(context);
  if (loaded.kind === 'invalid') return [notLookedAt('port', loaded.problems)];
  const { askDaemon } = await import('../../../daemon/lifecycle.ts');
  const daemon = await askDaemon(context.quietClient);
  if (daemon !== null) return [ok('port', `the daemon answers at ${daemon.url}`)];
  const { port, bind } = loaded.settings;
  const refusal = port === 0 ? null : await doorRefusal(port, bind);
  if (refusal === null) return [ok('port', `${bind}:${port} is free; the daemon does not run`)];
  return [await closedDoor(loaded, refusal)];
}

async function closedDoor({ settings: { port, bind }, origins }: LoadedSettings, refusal: unknown): Promise<Finding> {
  const door = `the front door ${bind}:${port}`;
  if (hasCode(refusal, 'EADDRNOTAVAIL')) {
    const mend = origins.bind === 'environment' ? 'unset DROVER_BIND' : 'drover config set bind 127.0.0.1';
    return problem('port', `${door} cannot be opened: ${bind} is no address of this machine`, mend);
  }
  const other = await freePortAfter(port, bind);
  const mend = origins.port === 'environment' ? `export DROVER_PORT=${other}` : `drover config set port ${other}`;
  if (hasCode(refusal, 'EACCES')) return problem('port', `only root may open ${door}`, mend);
  const { findPortHolder } = await import('../../../instances/index.ts');
  const holder = findPortHolder(port);
  const by = holder === null ? 'another program' : `${holder.command} (pid ${holder.pid})`;
  return problem('port', `${door} is taken by ${by}`, mend);
}

/** A door beyond this machine needs a key. */
export async function checkKeys(context: CliContext): Promise<Finding[]> {
  const { keylessDoor, MAKE_KEY } = await import('../../../config/index.ts');
  const loaded = await settingsOf(context);
  const error = loaded.kind === 'invalid' ? null : keylessDoor(loaded.settings.bind);
  if (loaded.kind === 'invalid' || error === null) return [];
  const hasKey = (await hasActiveKey(context)) ?? mayHaveKey(context, loaded, error.message);
  return hasKey ? [] : [problem('keys', error.message, MAKE_KEY)];
}

/** While no daemon answers: without a store there is none, and the last words of a start tell of a store that lacks one. */
function mayHaveKey({ paths }: CliContext, { settings }: LoadedSettings, refusal: string): boolean {
  const [, file] = /^sqlite:(.*)$/.exec(settings.databaseUrl) ?? [];
  if (file !== undefined && !existsSync(file)) return false;
  return !(readFileIfExists(paths.startError) ?? '').includes(refusal);
}

/** 0 (any) when none of the next few is free. */
async function freePortAfter(port: number, bind: string): Promise<number> {
  const first = Math.max(port, LAST_ROOT_PORT) + 1;
  for (let next = first; next < first + 20; next += 1) {
    if (next <= 65_535 && (await doorRefusal(next, bind)) === null) return next;
  }
  return 0;
}

/** Why nobody could listen there; null when one can. */
function doorRefusal(port: number, bind: string): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', resolve);
    server.listen(port, bind, () => server.close(() => resolve(null)));
  });
}
