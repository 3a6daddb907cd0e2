/**
 * Starts and stops the daemons of a home, from outside of them: spawns the programs detached, waits until the
 * controller answers, and returns from a stop only when what it stops is gone. What the daemons do is theirs.
 */

import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, openSync } from 'node:fs';

import type { Client } from '../client/index.ts';
import type { Environment, HomePaths } from '../config/paths.ts';
import type { DaemonStatusView } from '../contract/daemon.ts';
import { AppError, asAppError, isErrorCode } from '../contract/errors.ts';
import type { ErrorBody } from '../contract/errors.ts';
import type { Clock } from '../kernel/clock.ts';
import { makeFolder, readFileIfExists, removeFile, writeFileAtomic, writeRefusal } from '../kernel/files.ts';
import { installedFile } from '../kernel/installation.ts';
import { lockHolder } from '../kernel/lock.ts';
import { isSameProcess } from '../kernel/process-identity.ts';
import type { ProcessIdentity } from '../kernel/process-identity.ts';
import { somethingRuns } from './what-runs.ts';

export interface LifecycleDeps {
  readonly paths: HomePaths;
  readonly env: Environment;
  readonly clock: Clock;
  /** Speaks to the socket of the home and never starts anything itself. */
  readonly client: Client;
  readonly signal?: AbortSignal | undefined;
  /** Starts the controller's program; replaced in tests. */
  readonly spawnController?: (paths: HomePaths, env: Environment) => ChildProcess;
}

/**
 * Called by a daemon that has just taken its lock: rejects when the daemons of this home were stopped on request, which
 * only a person's start takes back. A daemon that the other one was bringing back meanwhile ends here.
 */
export function assertWanted(paths: HomePaths): void {
  if (!existsSync(paths.stoppedMarker)) return;
  throw new AppError('DAEMON_START_FAILED', `the daemons of ${paths.home} were stopped on request`, {
    hint: 'run "drover daemon start"',
  });
}

interface StartOutcome {
  readonly kind: 'started' | 'already-running';
  readonly status: DaemonStatusView;
}

const LOOK_MS = 20;
const START_DEADLINE_MS = 30_000;
const AGENT_DEADLINE_MS = 10_000;
const STOP_DEADLINE_MS = 40_000;
const STOP_ALL_DEADLINE_MS = 150_000;
const KILL_GRACE_MS = 5_000;

/** Starts the agent's program, detached, with its output in `logs/agent.log`. */
export function startAgent(paths: HomePaths, env: Environment = process.env): ChildProcess {
  return spawnDaemon('agent', paths, paths.agentLog, env);
}

/** Starts the controller's program, detached, with its output in `logs/controller.log`. Does not wait. */
export function spawnController(paths: HomePaths, env: Environment = process.env): ChildProcess {
  return spawnDaemon('controller', paths, paths.controllerLog, env);
}

/**
 * Resolves when the controller answers and the agent of this machine, if it shall have one, has joined it, so that what
 * runs is seen at once.
 * Rejects with what the controller left in `run/start-error.json`.
 */
export async function startController(deps: LifecycleDeps): Promise<StartOutcome> {
  const running = await askDaemon(deps.client);
  if (running) return { kind: 'already-running', status: running };
  removeFile(deps.paths.stoppedMarker);
  removeFile(deps.paths.startError);
  const child = (deps.spawnController ?? spawnController)(deps.paths, deps.env);
  return { kind: 'started', status: await agentJoined(deps, await firstAnswer(deps, child)) };
}

interface StopOutcome {
  readonly kind: 'stopped' | 'was-not-running';
}

/**
 * Resolves when controller and local agent are gone, with `all` also every engine and worker. A daemon that does not
 * listen is ended by signal. Stopping what is stopped is fine.
 */
export async function stopDaemons(deps: LifecycleDeps, { all }: { readonly all: boolean }): Promise<StopOutcome> {
  const { paths } = deps;
  if (all && lockHolder(paths.controllerLock) === null && somethingRuns(paths)) await startController(deps);
  // First the marker, then the look: whoever takes a lock is seen here, or sees the marker and goes.
  writeFileAtomic(paths.stoppedMarker, '');
  const daemons = liveDaemons(paths);
  if (daemons.length === 0) return { kind: 'was-not-running' };
  try {
    await deps.client.stopDaemon({ all });
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'DAEMON_UNREACHABLE') throw error;
    signalAll(daemons, 'SIGTERM');
  }
  await untilGone(daemons, all ? STOP_ALL_DEADLINE_MS : STOP_DEADLINE_MS, deps);
  return { kind: 'stopped' };
}

/** What the controller says of itself, or null when none answers. */
export async function askDaemon(client: Client): Promise<DaemonStatusView | null> {
  try {
    return await client.daemon();
  } catch (error) {
    if (error instanceof AppError && error.code === 'DAEMON_UNREACHABLE') return null;
    throw error;
  }
}

function spawnDaemon(name: 'controller' | 'agent', paths: HomePaths, logFile: string, env: Environment): ChildProcess {
  makeFolder(paths.logs, 0o700);
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [installedFile(`dist/daemon/${name}.js`)], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: paths.home,
      env: { ...env, DROVER_HOME: paths.home },
    });
    child.on('error', () => {});
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

/** The race of a start: it answers, it ends, or time is up. */
async function firstAnswer(deps: LifecycleDeps, child: ChildProcess): Promise<DaemonStatusView> {
  const deadline = deps.clock.monotonic() + START_DEADLINE_MS;
  let anotherStarts = false;
  for (;;) {
    const status = await askDaemon(deps.client);
    if (status) return status;
    if (!anotherStarts && hasEnded(child)) {
      const failure = startFailure(deps.paths, child);
      if (failure.code !== 'DAEMON_ALREADY_RUNNING') throw failure;
      anotherStarts = true;
    }
    if (deps.clock.monotonic() >= deadline) throw noAnswer(deps.paths);
    await deps.clock.sleep(LOOK_MS, deps.signal);
  }
}

/** An agent that does not come is the controller's worry, and told by `daemon status`: this stops waiting for it. */
async function agentJoined(deps: LifecycleDeps, first: DaemonStatusView): Promise<DaemonStatusView> {
  if (!first.local_agent) return first;
  const deadline = deps.clock.monotonic() + AGENT_DEADLINE_MS;
  let status = first;
  while (!status.agents.some(({ connected }) => connected) && deps.clock.monotonic() < deadline) {
    await deps.clock.sleep(LOOK_MS, deps.signal);
    const next = await askDaemon(deps.client);
    if (next === null) throw startFailed(deps.paths, 'the controller ended right after its start');
    status = next;
  }
  return status;
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
}

function startFailure(paths: HomePaths, child: ChildProcess): AppError {
  const told = readStartError(paths);
  if (told) return told;
  const refusal = writeRefusal(paths.run);
  if (refusal !== null)
    return startFailed(paths, `nothing can be written to ${paths.run}: ${asAppError(refusal).message}`);
  const how = child.signalCode ? `was ended by ${child.signalCode}` : `ended with code ${child.exitCode ?? 'unknown'}`;
  return startFailed(paths, `the controller ${how} before it answered`);
}

function noAnswer(paths: HomePaths): AppError {
  const holder = lockHolder(paths.controllerLock);
  const who = holder === null ? 'the controller' : `the controller (pid ${holder.pid})`;
  return startFailed(paths, `${who} did not answer within ${START_DEADLINE_MS / 1_000} s`);
}

function startFailed(paths: HomePaths, message: string): AppError {
  return new AppError('DAEMON_START_FAILED', message, { hint: `read ${paths.controllerLog}, or run "drover doctor"` });
}

/** The controller's own words on why it did not start. */
function readStartError(paths: HomePaths): AppError | null {
  const text = readFileIfExists(paths.startError);
  if (text === null) return null;
  try {
    // Written by our own controller a moment ago.
    const { error } = JSON.parse(text) as ErrorBody;
    if (!isErrorCode(error.code)) return null;
    const { hint, detail } = error;
    return new AppError(error.code, error.message, {
      ...(hint === undefined ? {} : { hint }),
      ...(detail === undefined ? {} : { detail }),
    });
  } catch {
    return null;
  }
}

function liveDaemons(paths: HomePaths): ProcessIdentity[] {
  return [lockHolder(paths.controllerLock), lockHolder(paths.agentLock)].filter((holder) => holder !== null);
}

async function untilGone(daemons: readonly ProcessIdentity[], deadlineMs: number, deps: LifecycleDeps): Promise<void> {
  const start = deps.clock.monotonic();
  const stages = [
    { at: deadlineMs, signal: 'SIGTERM' as const },
    { at: deadlineMs + KILL_GRACE_MS, signal: 'SIGKILL' as const },
  ];
  for (;;) {
    const left = daemons.filter(isSameProcess);
    if (left.length === 0) return;
    const [stage] = stages;
    if (stage && deps.clock.monotonic() - start >= stage.at) {
      signalAll(left, stage.signal);
      stages.shift();
    }
    await deps.clock.sleep(LOOK_MS, deps.signal);
  }
}

function signalAll(processes: readonly ProcessIdentity[], signal: NodeJS.Signals): void {
  for (const identity of processes) {
    if (!isSameProcess(identity)) continue;
    try {
      process.kill(identity.pid, signal);
    } catch (error) {
      if (isSameProcess(identity)) throw error;
    }
  }
}
