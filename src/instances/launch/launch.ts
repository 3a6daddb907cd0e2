/** Prepares one launch: program, devices, memory, port, key, command line. Everything but the spawn itself. */

import { mkdirSync } from 'node:fs';

import { asAppError, isHandedKey } from '../../contract/index.ts';
import type { DeviceRole, InstanceSpec } from '../../contract/index.ts';
import { countCores, refusalOf } from '../../devices/index.ts';
import type { Devices, LedgerPicture, ReservationRequest } from '../../devices/index.ts';
import { serverUrl } from '../../engines/index.ts';
import type { EngineBinary, Engines, LaunchDevice, ProgramEngine, RemoteEngine } from '../../engines/index.ts';
import { ensurePrivateFile, noteLength, randomToken, statIfThere } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { chooseDevices } from './device-choice.ts';
import type { Launcher, LaunchRequest } from './launcher.ts';
import { logFiles } from '../logs/log-files.ts';
import { findPortHolder } from './port-holder.ts';
import type { Ports } from './ports.ts';
import type { Failure, LaunchPlan } from '../machine/state.ts';

interface LaunchDeps {
  readonly engines: Engines;
  readonly devices: Pick<Devices, 'ledger' | 'readings'>;
  readonly ports: Ports;
  readonly launcher: Launcher;
  readonly clock: Clock;
  /** `$DROVER_HOME`. */
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How many instances share the CPU, the one to be launched included. */
  readonly countOnCpu: () => number;
}

export type Prepared =
  | { readonly kind: 'prepared'; readonly plan: LaunchPlan; readonly request: LaunchRequest }
  /** There is nothing to start. */
  | { readonly kind: 'elsewhere'; readonly plan: LaunchPlan }
  | { readonly kind: 'failed'; readonly failure: Failure };

/** Names the record of a launch. */
export function launchId(name: string, launch: number): string {
  return `${name}.${launch}`;
}

/** Under which name an instance holds memory and port. */
export function ownerOf(name: string): string {
  return `instance:${name}`;
}

/** Under which name the ledger keeps what did not come back after a stop. */
export function unreturnedBy(name: string): string {
  return `unreturned:${name}`;
}

/** Never rejects. What it has reserved stays reserved also when it fails: the instance gives it back when it rests. */
export async function prepareLaunch(spec: InstanceSpec, launch: number, deps: LaunchDeps): Promise<Prepared> {
  try {
    return await prepare(spec, launch, deps);
  } catch (error) {
    const { code, message, hint, retryable } = asAppError(error);
    return failed({ code, message, hint: hint ?? null, permanent: !retryable });
  }
}

async function prepare(spec: InstanceSpec, launch: number, deps: LaunchDeps): Promise<Prepared> {
  const engine = deps.engines[spec.engine.kind];
  if (engine.kind === 'remote') return { kind: 'elsewhere', plan: planElsewhere(engine, spec, launch, deps) };
  return prepareProgram(engine, spec, launch, deps);
}

function planElsewhere(engine: RemoteEngine, spec: InstanceSpec, launch: number, deps: LaunchDeps): LaunchPlan {
  const { url, key } = engine.endpoint(spec, deps.environment);
  return {
    launch,
    host: new URL(url).hostname,
    port: null,
    url,
    key,
    shares: [],
    command: [],
    fingerprint: spec.fingerprint,
    startedAt: deps.clock.now(),
    stderrOffset: 0,
  };
}

async function prepareProgram(
  engine: ProgramEngine,
  spec: InstanceSpec,
  launch: number,
  deps: LaunchDeps,
): Promise<Prepared> {
  const { ledger } = deps.devices;
  ledger.release(unreturnedBy(spec.name));
  const choice = chooseDevices(spec, deps.devices.readings(), (device) => openBytes(ledger.picture(device), spec));
  if (choice.kind === 'impossible') return failed(choice.failure);
  const runnable = choice.computes ? spec : onCpu(spec);
  const binary = await engine.locate(runnable);
  const refusal = reserve(
    { owner: ownerOf(spec.name), kind: 'instance', role: roleOf(spec), shares: choice.shares },
    spec,
    deps,
  );
  if (refusal !== null) return failed(refusal);
  const leased = await deps.ports.lease(ownerOf(spec.name), spec.server.host, spec.server.port);
  if (leased.kind === 'taken') return failed(portFailure(spec, leased.by?.owner ?? null));
  const decided = {
    engine,
    spec: runnable,
    launch,
    binary,
    port: leased.port,
    shares: choice.shares,
    devices: choice.devices,
  };
  return compose(decided, deps);
}

/** What the device must be willing to take. */
function roleOf({ name, model }: InstanceSpec): DeviceRole {
  return name === 'brain' || model.aliases.includes('brain') ? 'brain' : 'instances';
}

/** Less than nothing on a device that takes no such instance: it is chosen only where it is named, and says why not. */
function openBytes(picture: LedgerPicture | null, spec: InstanceSpec): number {
  if (picture === null) return 0;
  return refusalOf(picture.standing, roleOf(spec)) === null ? picture.freeBytes : -1;
}

/** What runs in place of cards that only keep books: the same engine on the CPU. */
function onCpu(spec: InstanceSpec): InstanceSpec {
  return { ...spec, gpu: { backend: 'cpu', devices: [], layers: 0, split: 'none' } };
}

function reserve(request: ReservationRequest, spec: InstanceSpec, { devices }: LaunchDeps): Failure | null {
  const answer = devices.ledger.reserve(request);
  if (answer.kind === 'granted') return null;
  return {
    code: 'MEMORY_INSUFFICIENT',
    message: `${spec.name} does not fit: ${answer.arithmetic}`,
    hint: 'stop an instance ("drover ps"), or choose a smaller model.context_size or server.parallel',
    permanent: answer.when === 'never',
  };
}

interface Decided {
  readonly engine: ProgramEngine;
  readonly spec: InstanceSpec;
  readonly launch: number;
  readonly binary: EngineBinary;
  readonly port: number;
  readonly shares: LaunchPlan['shares'];
  readonly devices: readonly LaunchDevice[];
}

function compose({ engine, spec, launch, binary, port, shares, devices }: Decided, deps: LaunchDeps): Prepared {
  const key = spec.server.key ?? newKey(spec);
  const threads = spec.model.threads === 'auto' ? threadShare(countCores(), deps.countOnCpu()) : spec.model.threads;
  const environment = withoutAttempt(deps.environment);
  const context = { binary, port, key, threads, devices, environment };
  const command = engine.buildCommand(spec, context);
  const logs = logFiles(deps.home, spec.name);
  mkdirSync(logs.folder, { recursive: true, mode: 0o700 });
  for (const path of [logs.stdout, logs.stderr]) {
    ensurePrivateFile(path);
    noteLength(path, deps.clock.now());
  }
  const plan: LaunchPlan = {
    launch,
    host: spec.server.host,
    port,
    url: serverUrl(spec.server.host, port),
    key,
    shares,
    command: command.shown,
    fingerprint: spec.fingerprint,
    startedAt: deps.clock.now(),
    stderrOffset: statIfThere(logs.stderr)?.size ?? 0,
  };
  const request: LaunchRequest = {
    id: launchId(spec.name, launch),
    file: command.file,
    args: command.args,
    env: { ...command.env, ...deps.launcher.marks(spec.name) },
    cwd: deps.home,
    stdoutPath: logs.stdout,
    stderrPath: logs.stderr,
  };
  return { kind: 'prepared', plan, request };
}

/** None for a program that would not hear of it. */
function newKey({ engine, args }: InstanceSpec): string | null {
  const words = [...engine.args, ...args];
  return isHandedKey({ kind: engine.kind, keyVariable: engine.keyEnv, args: words }) ? randomToken(40) : null;
}

/** One core stays free; the others are shared evenly. */
export function threadShare(cores: number, instances: number): number {
  return Math.max(1, Math.floor((cores - 1) / Math.max(1, instances)));
}

/** An agent that was started from within a task must not pass the task's mark on: engines outlive tasks. */
function withoutAttempt(environment: LaunchDeps['environment']): LaunchDeps['environment'] {
  return Object.fromEntries(Object.entries(environment).filter(([name]) => name !== 'DROVER_ATTEMPT'));
}

function portFailure(spec: InstanceSpec, owner: string | null): Failure {
  const { port } = spec.server;
  if (port === null) return portTaken(`${spec.name} found no free port`);
  if (owner !== null) return portTaken(`port ${port} of ${spec.name} is taken by ${owner.replace(':', ' ')}`);
  const holder = findPortHolder(port);
  const by = holder === null ? 'another program' : `pid ${holder.pid} (${holder.command})`;
  return portTaken(`port ${port} of ${spec.name} is taken by ${by}`);
}

function portTaken(message: string): Failure {
  const hint = 'choose another server.port (or none, for the next free one), or stop that program';
  return { code: 'PORT_TAKEN', message, hint, permanent: false };
}

function failed(failure: Failure): Prepared {
  return { kind: 'failed', failure };
}
