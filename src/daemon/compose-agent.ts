/** The agent's graph: every part built once, started leaves first, let go in reverse. Knows no argv and no lock. */

import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { homedir, hostname } from 'node:os';
import { join } from 'node:path';

import { WebSocket } from 'ws';

import {
  createAttempts,
  createControllerKeeper,
  createFetches,
  createGauge,
  createLink,
  createMemoryReturn,
  createOutbox,
  createPolicies,
  createTerms,
  findBubblewrap,
  helloOf,
  nextEpoch,
  openJournal,
  openSpool,
  startAgent,
} from '../agent/index.ts';
import type {
  AgentIdentity,
  AttemptUplink,
  FindTerms,
  Attempts,
  Fetches,
  Gauge,
  Link,
  MemoryReturn,
  Outbox,
  Spool,
} from '../agent/index.ts';
import type { HomePaths, LiveSettings, Settings } from '../config/index.ts';
import { countCores, createSimulatedFiles } from '../devices/index.ts';
import type { Devices } from '../devices/index.ts';
import { createEngines } from '../engines/index.ts';
import { createDetachedLauncher, createHttpProber, createSupervisor } from '../instances/index.ts';
import type { Supervisor } from '../instances/index.ts';
import { createDetachedPrograms, lockHolder, systemClock as clock, systemRandom } from '../kernel/index.ts';
import type { Log, Scope } from '../kernel/index.ts';
import { fetchModel, hubToken } from '../models/hub/index.ts';
import { engineEnvironment } from './engine-environment.ts';
import { createHostDevices } from './host-devices.ts';
import { spawnController } from './lifecycle.ts';
import { launchRecords } from './what-runs.ts';

interface AgentOptions {
  readonly paths: HomePaths;
  readonly settings: Settings;
  /** The same, as they change. */
  readonly live: Pick<LiveSettings, 'current' | 'onChange'>;
  readonly version: string;
  readonly log: Log;
  /** Owns all that is built; closing it lets go of everything, and engines and workers live on. */
  readonly scope: Scope;
  /** The controller asked this agent to end. */
  readonly onGoodbye: () => void;
}

interface Parts {
  readonly identity: AgentIdentity;
  readonly devices: Devices;
  readonly supervisor: Supervisor;
  readonly attempts: Attempts;
  readonly fetches: Fetches;
  readonly gauge: Gauge;
  readonly memoryReturn: MemoryReturn;
  readonly log: Log;
  readonly spool: Spool;
  readonly outbox: Outbox;
  readonly link: Link;
}

/** Resolves when what an earlier agent left is adopted and the link is being dialled. */
export async function composeAgent(options: AgentOptions): Promise<void> {
  const parts = buildParts(options);
  await parts.devices.start();
  parts.attempts.adopt();
  await parts.supervisor.adopt();
  followOffline(options.live, parts.supervisor);
  connectParts(options, parts);
}

/** An instance may have failed for `offline` in an earlier life. */
function followOffline(live: AgentOptions['live'], supervisor: Supervisor): void {
  const tell = ({ offline }: Settings): void => {
    if (!offline) supervisor.noteOnline();
  };
  tell(live.current());
  live.onChange(tell);
}

function buildParts(options: AgentOptions): Parts {
  const { paths, version, log } = options;
  const identity: AgentIdentity = {
    host: hostname(),
    version,
    local: true,
    epoch: nextEpoch(join(paths.agent, 'epoch'), clock.now()),
    pid: process.pid,
  };
  log.info({ ...identity }, 'agent started');
  const devices = buildDevices(options, (device) => attempts.taskSlots(device));
  const supervisor = buildSupervisor(options, devices);
  const spool = buildSpool(options);
  const link: Link = createLink({
    dial: () => dial(paths.socket),
    hello: () => helloOf(identity, { devices, supervisor, attempts, spool }),
    devices: () => devices.reports(),
    workers: () => attempts.workers(),
    ended: () => attempts.ended(),
    takeProbes: () => supervisor.takeProbes(),
    clock,
    log,
  });
  const gauge = createGauge(devices);
  const memoryReturn = createMemoryReturn({ devices, isOurs: (pid) => gauge.hasMet(pid), clock, log });
  const outbox = createOutbox({
    tellStart: (start) => link.send({ kind: 'started', ...start }),
    tellEnds: (outcomes, starts) => link.send({ kind: 'outcomes', outcomes, starts }),
    clock,
  });
  const attempts: Attempts = buildAttempts(options, {
    identity,
    devices,
    gauge,
    memoryReturn,
    spool,
    outbox,
    link,
  });
  const fetches = buildFetches(options, link);
  return { identity, devices, supervisor, attempts, fetches, gauge, memoryReturn, log, spool, outbox, link };
}

function buildDevices({ paths, settings, log, scope }: AgentOptions, taskSlots: Attempts['taskSlots']): Devices {
  const devices = createHostDevices({
    home: paths.home,
    settings,
    environment: process.env,
    clock,
    random: systemRandom,
    log: log.child({ component: 'devices' }),
    taskSlots,
  });
  scope.defer(async () => devices[Symbol.asyncDispose]());
  return devices;
}

function buildSupervisor({ paths, settings, live, log, scope }: AgentOptions, devices: Devices): Supervisor {
  const { home } = paths;
  const programs = createDetachedPrograms(launchRecords(paths, 'instances'), clock);
  scope.defer(() => programs.close());
  const launcher = createDetachedLauncher({ programs, clock, home });
  const engines = createEngines({ home, environment: process.env });
  const supervisor = createSupervisor({
    engines,
    devices,
    launcher,
    prober: createHttpProber(engines, launcher, () => live.current().offline),
    clock,
    random: systemRandom,
    log: log.child({ component: 'instances' }),
    home,
    environment: engineEnvironment(live, process.env),
    firstPort: settings.instancePortFrom,
  });
  scope.defer(() => supervisor.close());
  return supervisor;
}

function buildSpool({ paths, log, scope }: AgentOptions): Spool {
  const file = join(paths.agent, 'spool', 'outcomes.jsonl');
  const spool = openSpool(file, clock, (error) => log.error({ err: error }, 'spool could not be flushed'));
  scope.defer(() => spool[Symbol.dispose]());
  return spool;
}

function buildAttempts(
  { paths, settings, live, log, scope }: AgentOptions,
  {
    identity,
    devices,
    gauge,
    memoryReturn,
    spool,
    outbox,
    link,
  }: Omit<Parts, 'supervisor' | 'attempts' | 'fetches' | 'log'>,
): Attempts {
  const programs = createDetachedPrograms(launchRecords(paths, 'tasks'), clock);
  scope.defer(() => programs.close());
  const journal = openJournal(join(paths.agent, 'attempts.jsonl'));
  scope.defer(() => journal[Symbol.dispose]());
  const simulated = createSimulatedFiles(join(paths.home, 'simulated'));
  return createAttempts({
    ledger: devices.ledger,
    readings: () => devices.readings(),
    memoryReturn,
    gauge,
    cores: countCores(),
    pauses: settings.pauseHot,
    worker: {
      programs,
      journal,
      clock,
      log: log.child({ component: 'worker' }),
      epoch: identity.epoch,
      home: paths.home,
      simulated,
      terms: termsOf(paths.home, live),
    },
    spool,
    uplink: uplinkOver(link, outbox),
    clock,
    log: log.child({ component: 'executor' }),
  });
}

function buildFetches({ paths, live, log, scope }: AgentOptions, link: Link): Fetches {
  const fetches = createFetches({
    folder: paths.models,
    fetchModel,
    ownToken: () => hubToken(process.env),
    tell: (progress) => link.send({ kind: 'fetching', progress }),
    clock,
    random: systemRandom,
    isOffline: () => live.current().offline,
    log: log.child({ component: 'fetches' }),
  });
  scope.defer(async () => fetches[Symbol.asyncDispose]());
  return fetches;
}

function termsOf(home: string, live: Pick<LiveSettings, 'current'>): FindTerms {
  return createTerms({
    home,
    userHome: homedir(),
    policies: createPolicies(home),
    secrets: { home, environment: process.env, command: () => live.current().secretCommand },
    findSandbox: () => findBubblewrap(),
  });
}

function uplinkOver(link: Link, outbox: Outbox): AttemptUplink {
  return {
    started: (start) => outbox.start(start),
    declined: (attempt, reason) => link.send({ kind: 'declined', attempt, reason }),
    ended: (outcome) => outbox.add(outcome),
  };
}

function connectParts({ paths, log, scope, onGoodbye }: AgentOptions, parts: Parts): void {
  const keeper = createControllerKeeper({
    clock,
    log,
    start: () => void spawnController(paths),
    isMissing: () => !existsSync(paths.stoppedMarker) && lockHolder(paths.controllerLock) === null,
  });
  scope.defer(() => keeper[Symbol.dispose]());
  keeper.lost();
  const agent = startAgent({
    ...parts,
    onLinkUp: ({ hasKeeper }) => keeper.found(hasKeeper ? 'kept' : 'alone'),
    onLinkDown: () => keeper.lost(),
    onRefused: () => keeper.found('alone'),
    onGoodbye: ({ withAgent }) => (withAgent ? onGoodbye() : keeper.dismissed()),
  });
  scope.defer(() => agent[Symbol.dispose]());
}

function dial(socket: string): WebSocket {
  return new WebSocket('ws://localhost/v2/agent/link', {
    createConnection: () => connect(socket),
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
}

/** Grants carry items; a frame larger than this is none of ours. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;
