/**
 * The controller process: one per home, by lock. Reads the settings, builds the graph, and ends when asked. Why it
 * could not start is left in `run/start-error.json` for the command that started it.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';

import { homeFromEnvironment, homePaths, invalidConfig, loadSettings, packageVersion } from '../config/index.ts';
import type { HomePaths, Settings } from '../config/index.ts';
import { AppError, asAppError, toErrorBody } from '../contract/index.ts';
import { createLog, createScope, removeFile, takeLock, writeFileAtomic } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import { composeController } from './compose-controller.ts';
import type { Controller } from './compose-controller.ts';
import { assertWanted, startAgent } from './lifecycle.ts';
import { boundOwnLog } from './own-log.ts';

/** How long an agent gets to stop every engine before the controller goes anyway. */
const STOP_EVERYTHING_MS = 120_000;
/** The same for one that is not connected yet: it may be just starting. */
const JOIN_MS = 20_000;

const paths = homePaths(homeFromEnvironment(process.env));
for (const folder of [paths.home, paths.run, paths.logs, paths.models])
  mkdirSync(folder, { recursive: true, mode: 0o700 });

try {
  await run(paths, readSettings(paths.home));
} catch (error) {
  const shown = asAppError(error);
  writeFileAtomic(paths.startError, `${JSON.stringify(toErrorBody(shown))}\n`);
  process.stderr.write(`${JSON.stringify(toErrorBody(shown))}\n`);
  process.exitCode = shown.exitCode;
}

async function run(home: HomePaths, settings: Settings): Promise<void> {
  const lock = takeLock(home.controllerLock);
  if (lock.kind === 'held') {
    throw new AppError('DAEMON_ALREADY_RUNNING', `a controller of ${home.home} runs already (pid ${lock.holder.pid})`, {
      hint: 'run "drover daemon status"',
    });
  }
  const log = createLog('controller', settings.logLevel);
  const scope = createScope((error) => log.error({ err: error }, 'controller task failed'));
  scope.run(() => boundOwnLog(home.controllerLog, log, scope.signal));
  const ending = createEnding(log);
  let agent: ChildProcess | null = null;
  try {
    assertWanted(home);
    const controller = await composeController({
      paths: home,
      settings,
      version: packageVersion(),
      log,
      startAgent: () => void (agent = startAgent(home)),
      onStop: ({ all }) => ending.ask(all ? 'everything' : 'daemons'),
    });
    removeFile(home.startError);
    log.info({ url: controller.url, pid: process.pid }, 'controller ready');
    const kind = await ending.asked;
    await shutDown(controller, kind, log);
    if (kind !== 'controller' && agent !== null) await untilGone(agent);
  } finally {
    await scope.close();
    lock.release();
  }
}

function readSettings(home: string): Settings {
  const loaded = loadSettings({ home, env: process.env });
  if (loaded.kind === 'loaded') return loaded.settings;
  throw invalidConfig(loaded.problems);
}

/** `controller`: a signal; the agent stays. `daemons`: engines and workers stay. */
type EndingKind = 'controller' | 'daemons' | 'everything';

function createEnding(log: Log): { readonly ask: (kind: EndingKind) => void; readonly asked: Promise<EndingKind> } {
  let ask: (kind: EndingKind) => void = () => {};
  const asked = new Promise<EndingKind>((resolve) => {
    ask = (kind) => {
      log.info({ ending: kind }, 'controller stops');
      resolve(kind);
    };
  });
  process.once('SIGTERM', () => ask('controller'));
  process.once('SIGINT', () => ask('controller'));
  return { ask, asked };
}

async function shutDown({ hosts, close }: Controller, kind: EndingKind, log: Log): Promise<void> {
  if (kind === 'everything') {
    const everyHost = new Set([...hosts.connected(), hosts.localHost]);
    const stops = [...everyHost].map((host) =>
      hosts.call(
        host,
        { op: 'stop-everything' },
        { timeoutMs: hosts.connected().includes(host) ? STOP_EVERYTHING_MS : JOIN_MS },
      ),
    );
    for (const stop of await Promise.allSettled(stops)) {
      if (stop.status === 'rejected') log.error({ err: stop.reason as unknown }, 'an agent did not stop everything');
    }
  }
  hosts.goodbye({ withAgent: kind !== 'controller' });
  await close();
  log.info({}, 'controller stopped');
}

/** An agent that heard the goodbye ends by itself; one that was only just starting is told by signal. */
async function untilGone(agent: ChildProcess): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const gone = once(agent, 'exit');
  agent.kill('SIGTERM');
  await gone;
}
