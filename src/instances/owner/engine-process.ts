/**
 * The process of one instance in the hands of its owner: started, watched, asked to end, signalled, swept up after.
 * What comes of it is posted; nothing is decided here.
 */

import { execa } from 'execa';

import type { ExitInfo, InstanceSpec } from '../../contract/index.ts';
import type { EngineCommand } from '../../engines/index.ts';
import type { Clock, Log, Scope } from '../../kernel/index.ts';
import type { Ending } from '../../kernel/detached/index.ts';
import { exitInfo } from './exit-info.ts';
import { stoppedFailure } from '../machine/failures.ts';
import { launchId } from '../launch/launch.ts';
import type { Prepared } from '../launch/launch.ts';
import type { Launcher } from '../launch/launcher.ts';
import type { Ports } from '../launch/ports.ts';
import { UNTOLD } from '../machine/state.ts';
import type { InstanceEvent, LaunchPlan, RunningProcess } from '../machine/state.ts';

interface EngineProcessDeps {
  readonly name: string;
  readonly launcher: Launcher;
  readonly ports: Ports;
  readonly clock: Clock;
  readonly log: Log;
  readonly home: string;
  readonly scope: Scope;
  post(event: InstanceEvent): void;
  prepare(): Promise<Prepared>;
  /** Is the launch still wanted? Asked after the preparations. */
  isWanted(): boolean;
  /** Is it about to load? Asked when the process has ended. */
  isLoading(): boolean;
  /** Writes the launch down before it happens, so that a crash of ours in between loses no engine. */
  notePlanned(plan: LaunchPlan): void;
  stopCommand(process: RunningProcess): EngineCommand | null;
  /** There is nobody left to ask. */
  onGone(): void;
}

interface EngineProcess {
  launch(launch: number): void;
  /** Tells of its end, also of one that was before. */
  watch(process: RunningProcess): void;
  askToEnd(process: RunningProcess, spec: InstanceSpec): void;
  terminate(process: RunningProcess): void;
  kill(process: RunningProcess): void;
}

export function createEngineProcess(deps: EngineProcessDeps): EngineProcess {
  const { name, launcher, scope, post } = deps;

  const watch = (process: RunningProcess): void => {
    if (process.identity === null) return;
    const ended = launcher.ended(launchId(name, process.launch));
    scope.run(async () => {
      const ending = await unlessAborted(ended, scope.signal);
      if (ending !== null) await onEnded(process, ending, deps);
    });
  };

  /** Signals reach what is ours; what runs elsewhere is let go at once. */
  const end = (process: RunningProcess, signal: (identity: NonNullable<RunningProcess['identity']>) => void): void => {
    if (process.identity !== null) return signal(process.identity);
    deps.onGone();
    const exit = { code: null, signal: null, at: deps.clock.now(), tail: '' };
    post({ kind: 'exited', launch: process.launch, exit, portLost: false });
  };

  return {
    watch,
    launch: (launch) =>
      scope.run(async () => {
        const result = await launchOnce(launch, deps);
        post(result);
        if (result.kind === 'launched') watch(result.process);
      }),
    askToEnd: (process, spec) => scope.run(() => runStopCommand(process, spec, deps)),
    terminate: (process) => end(process, (identity) => launcher.terminate(identity)),
    kill: (process) => end(process, (identity) => launcher.kill(name, identity)),
  };
}

type LaunchOutcome = Extract<InstanceEvent, { kind: 'launched' | 'launch-failed' }>;

async function launchOnce(launch: number, deps: EngineProcessDeps): Promise<LaunchOutcome> {
  const { name, launcher } = deps;
  const prepared = await deps.prepare();
  if (prepared.kind === 'failed') return { kind: 'launch-failed', launch, failure: prepared.failure };
  if (!deps.isWanted()) return { kind: 'launch-failed', launch, failure: stoppedFailure(name) };
  const { plan } = prepared;
  if (prepared.kind === 'elsewhere') {
    return { kind: 'launched', process: { ...plan, ...UNTOLD, identity: null } };
  }
  try {
    deps.notePlanned(plan);
  } catch (error) {
    return notStarted(name, launch, error); // what has no record would be forgotten
  }
  launcher.forget(launchId(name, launch - 1));
  const result = await launcher.launch(prepared.request);
  if (result.kind === 'failed') return notStarted(name, launch, result.message);
  return { kind: 'launched', process: { ...plan, ...UNTOLD, identity: result.identity } };
}

function notStarted(name: string, launch: number, why: unknown): LaunchOutcome {
  const message = `${name} could not be started: ${why instanceof Error ? why.message : String(why)}`;
  const failure = { code: 'ENGINE_START_FAILED', message, hint: null, permanent: false } as const;
  return { kind: 'launch-failed', launch, failure };
}

async function onEnded(process: RunningProcess, ending: Ending, deps: EngineProcessDeps): Promise<void> {
  const { name, launcher, ports, home, log } = deps;
  deps.onGone();
  const left = await launcher.sweep(name, process.identity);
  if (left.length > 0) log.error({ pids: left }, 'processes do not end');
  const exit: ExitInfo = exitInfo(ending, { home, name, offset: process.stderrOffset });
  const portLost = deps.isLoading() && process.port !== null && !(await ports.isFree(process.host, process.port));
  deps.post({ kind: 'exited', launch: process.launch, exit, portLost });
}

async function runStopCommand(process: RunningProcess, spec: InstanceSpec, deps: EngineProcessDeps): Promise<void> {
  const command = deps.stopCommand(process);
  const inVain = { kind: 'asked-in-vain', launch: process.launch } as const;
  if (command === null) return deps.post(inVain);
  const { file, args, env } = command;
  const result = await execa(file, args, {
    env,
    extendEnv: false,
    cwd: deps.home,
    reject: false,
    stdin: 'ignore',
    timeout: Math.max(1, spec.stop.graceMs),
    cancelSignal: deps.scope.signal,
    all: true,
  });
  if (!result.failed || deps.scope.signal.aborted) return;
  deps.log.warn({ command: command.shown, output: result.all?.slice(-500) }, 'stop command failed');
  deps.post(inVain);
}

/** Null when the signal aborts first. */
function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(null);
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
