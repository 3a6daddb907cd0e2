/**
 * The controller process: one per home, by lock. Reads the settings, builds the graph, and ends when asked. Why it
 * could not start is left in `run/start-error.json` for the command that started it.
 */

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { createLiveSettings, homeFromEnvironment, homePaths, packageVersion } from '../config/index.ts';
import type { HomePaths, LiveSettings } from '../config/index.ts';
import { AppError, asAppError, toErrorBody } from '../contract/index.ts';
import {
  createLog,
  createScope,
  lockHolder,
  closeToOthers,
  makeFolder,
  removeFile,
  takeLock,
  writeFileAtomic,
} from '../kernel/index.ts';
import type { Log, RootLog } from '../kernel/index.ts';
import { composeController } from './compose-controller.ts';
import type { Controller } from './compose-controller.ts';
import { assertWanted, startAgent } from './lifecycle.ts';
import { applyLogLevels } from './log-levels.ts';
import { boundOwnLog } from './own-log.ts';
import { reloadOnSignal } from './reload.ts';

/** How long an agent gets to stop every engine before the controller goes anyway. */
const STOP_EVERYTHING_MS = 120_000;
/** The same for one that is not connected yet: it may be just starting. */
const JOIN_MS = 20_000;

/** Else a command runs it, for a service or for a person who looks on. */
const isOwnProgram = process.argv[1]?.endsWith('controller.js') === true;

const paths = homePaths(homeFromEnvironment(process.env));
for (const folder of [paths.home, paths.run, paths.logs, paths.models]) makeFolder(folder, 0o700);
closeToOthers(paths.home);

try {
  await run(paths, createLiveSettings({ home: paths.home, env: process.env }));
} catch (error) {
  const shown = asAppError(error);
  writeFileAtomic(paths.startError, `${JSON.stringify(toErrorBody(shown))}\n`);
  process.stderr.write(`${JSON.stringify(toErrorBody(shown))}\n`);
  process.exitCode = shown.exitCode;
}

async function run(home: HomePaths, live: LiveSettings): Promise<void> {
  const lock = takeLock(home.controllerLock);
  if (lock.kind === 'held') {
    throw new AppError('DAEMON_ALREADY_RUNNING', `a controller of ${home.home} runs already (pid ${lock.holder.pid})`, {
      hint: 'run "drover daemon status"',
    });
  }
  const settings = live.current();
  const log = createLog('controller', settings.logLevel);
  applyLogLevels(log, settings);
  const scope = createScope((error) => log.error({ err: error }, 'controller task failed'));
  scope.run(() => boundOwnLog(home.controllerLog, log, scope.signal));
  followSettings(home, live, log);
  const ending = createEnding(log);
  // One that hangs before it has its lock is given up after a while, and another started.
  const agents = new Set<ChildProcess>();
  try {
    assertWanted(home);
    const controller = await composeController({
      paths: home,
      settings: live,
      version: packageVersion(),
      hasKeeper: !isOwnProgram,
      log,
      localAgent: {
        start() {
          const agent = startAgent(home);
          agents.add(agent);
          agent.once('exit', () => agents.delete(agent));
        },
        isAlive: () => agents.size > 0,
      },
      onStop: ({ all }) => ending.ask(all ? 'everything' : 'daemons'),
    });
    removeFile(home.startError);
    log.info({ url: controller.url, pid: process.pid }, 'controller ready');
    const kind = await ending.asked;
    await shutDown(controller, { kind, withLocalAgent: settings.localAgent, log });
    if (kind !== 'controller') await Promise.all([...agents].map(untilGone));
  } finally {
    await scope.close();
    lock.release();
  }
}

/** SIGHUP reads the settings again; the agent of this machine is told of a change by the same signal. */
function followSettings({ agentLock }: HomePaths, live: LiveSettings, log: RootLog): void {
  live.onChange((changed) => {
    applyLogLevels(log, changed);
    const agent = lockHolder(agentLock);
    if (agent !== null) process.kill(agent.pid, 'SIGHUP');
  });
  process.on('SIGHUP', () => reloadOnSignal(live, log));
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

interface ShutDown {
  readonly kind: EndingKind;
  /** One that is not connected may be just starting. */
  readonly withLocalAgent: boolean;
  readonly log: Log;
}

async function shutDown({ hosts, close }: Controller, { kind, withLocalAgent, log }: ShutDown): Promise<void> {
  if (kind === 'everything') {
    const everyHost = new Set([...hosts.connected(), ...(withLocalAgent ? [hosts.localHost] : [])]);
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
