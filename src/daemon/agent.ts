/**
 * The agent process: one per home, by lock. Reads the settings, builds the graph, and ends on SIGTERM or when the
 * controller says so. Engines and workers live on in either case.
 */

import { once } from 'node:events';

import { createLiveSettings, homeFromEnvironment, homePaths, packageVersion } from '../config/index.ts';
import type { HomePaths } from '../config/index.ts';
import { AppError, asAppError, toErrorBody } from '../contract/index.ts';
import { createLog, createScope, makeFolder, takeLock } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import { composeAgent } from './compose-agent.ts';
import { assertWanted } from './lifecycle.ts';
import { applyLogLevels } from './log-levels.ts';
import { boundOwnLog } from './own-log.ts';
import { reloadOnSignal } from './reload.ts';

try {
  await run(homePaths(homeFromEnvironment(process.env)));
} catch (error) {
  const shown = asAppError(error);
  process.stderr.write(`${JSON.stringify(toErrorBody(shown))}\n`);
  process.exitCode = shown.exitCode;
}
// Programs that live on are still this process's children; they are no reason to wait.
process.exit();

async function run(paths: HomePaths): Promise<void> {
  for (const folder of [paths.home, paths.run, paths.agent]) makeFolder(folder, 0o700);
  const lock = takeLock(paths.agentLock);
  if (lock.kind === 'held') {
    throw new AppError('DAEMON_ALREADY_RUNNING', `an agent of ${paths.home} runs already (pid ${lock.holder.pid})`, {
      hint: 'run "drover daemon status"',
    });
  }
  const live = createLiveSettings({ home: paths.home, env: process.env });
  const settings = live.current();
  const log = createLog('agent', settings.logLevel);
  applyLogLevels(log, settings);
  live.onChange((changed) => applyLogLevels(log, changed));
  process.on('SIGHUP', () => reloadOnSignal(live, log));
  const scope = createScope((error) => log.error({ err: error }, 'agent task failed'));
  scope.run(() => boundOwnLog(paths.agentLog, log, scope.signal));
  const ending = createEnding(log);
  try {
    assertWanted(paths);
    const onGoodbye = (): void => ending.ask('the controller said goodbye');
    await composeAgent({ paths, settings, live, version: packageVersion(), log, scope, onGoodbye });
    await ending.asked;
  } finally {
    await scope.close();
    lock.release();
    log.info({}, 'agent stopped');
  }
}

function createEnding(log: Log): { readonly ask: (why: string) => void; readonly asked: Promise<void> } {
  const asked = new AbortController();
  const ask = (why: string): void => {
    log.info({ why }, 'agent stops');
    asked.abort();
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ask(signal));
  return { ask, asked: once(asked.signal, 'abort').then(() => {}) };
}
