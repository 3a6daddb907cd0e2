/**
 * One decision of the scheduler with 1,000 instances and 10,000 requests in the queue: a request is let in, a slot comes
 * back and is given to whoever is next, an instance reports. At most 1 ms each.
 * Run: `npm run bench -- serving/scheduler [--instances N] [--queued N]`.
 */

import { createModelDirectory } from '../../src/gateway/index.ts';
import type { FedModelDirectory } from '../../src/gateway/index.ts';
import type { InstanceLease, SlotAnswer, SlotAsk } from '../../src/gateway/slots/slot-asks.ts';
import { SlotOwner } from '../../src/gateway/slots/slot-owner.ts';
import { DEFAULT_LIMITS } from '../../src/gateway/limits.ts';
import { silentLog, systemClock } from '../../src/kernel/index.ts';
import { report } from '../../test/support/gateway-rig.ts';
import { median, numberFrom, printTable } from '../support.ts';

const INSTANCES = numberFrom(process.argv, '--instances', 1_000);
const QUEUED = numberFrom(process.argv, '--queued', 10_000);
const DECISIONS = 500;
const KEYS = 100;

interface House {
  readonly owner: SlotOwner;
  readonly leases: InstanceLease[];
  ask(number: number): void;
}

const nameOf = (at: number): string => `i${String(at).padStart(4, '0')}`;
const modelOf = (at: number, models: number): string => `model-${at % models}`;

function directoryOf(models: number): FedModelDirectory {
  const directory = createModelDirectory();
  directory.setInstances(
    Array.from({ length: INSTANCES }, (_, at) => ({
      name: nameOf(at),
      desired: 'running' as const,
      modelId: modelOf(at, models),
      aliases: [],
      drained: false,
      ephemeral: false,
    })),
  );
  directory.setModels(Array.from({ length: models }, (_, at) => ({ id: modelOf(at, models), registeredAt: 0 })));
  return directory;
}

/** Every slot is taken, and the queue is full as said. */
function fill(models: number): House {
  const leases: InstanceLease[] = [];
  const owner = new SlotOwner(
    {
      clock: systemClock,
      random: () => 0.5,
      log: silentLog,
      models: directoryOf(models),
      limits: { ...DEFAULT_LIMITS, queueLength: 1_000_000 },
      wake: () => Promise.resolve(),
      freeBytes: () => 0,
      onSlotUsed: () => {},
    },
    (message) => owner.handle(message),
  );
  const answer = (given: SlotAnswer): void => void (given.kind === 'leased' && leases.push(given.lease));
  const ask = (number: number): void => {
    const asked: SlotAsk = {
      id: `r${number}`,
      model: modelOf(number, models),
      key: `k${number % KEYS}`,
      class: number % 3 === 0 ? 'batch' : 'interactive',
      cost: 100 + (number % 50),
      arrivedAt: systemClock.monotonic(),
      expiresAt: null,
      contextTokens: null,
      avoid: new Set(),
    };
    owner.handle({ kind: 'asked', pending: { ask: asked, answer } });
  };
  owner.handle({ kind: 'instances-set', reports: reports(models) });
  for (let number = 0; number < INSTANCES + QUEUED; number++) ask(number);
  return { owner, leases, ask };
}

function reports(models: number) {
  return Array.from({ length: INSTANCES }, (_, at) =>
    report({ name: nameOf(at), port: 1_024 + at, modelId: modelOf(at, models) }),
  );
}

interface Measured {
  /** CPU time of one; what a busy machine does besides is not in it. */
  readonly cpuMs: number;
  readonly median: number;
}

function timed(act: (turn: number) => void): Measured {
  const before = process.cpuUsage();
  const took = Array.from({ length: DECISIONS }, (_, turn) => {
    const from = performance.now();
    act(turn);
    return performance.now() - from;
  });
  const { user, system } = process.cpuUsage(before);
  return { cpuMs: (user + system) / 1_000 / DECISIONS, median: median(took) };
}

const rows = [1, Math.min(100, INSTANCES), INSTANCES].flatMap((models) => {
  const { owner, leases, ask } = fill(models);
  const known = reports(models);
  const measured = {
    'a request comes': timed((turn) => ask(1_000_000 + turn)),
    'a slot comes back and is given': timed(() => leases.shift()?.release(120)),
    'an instance reports': timed((turn) => {
      const one = known[turn % INSTANCES];
      if (one !== undefined) owner.handle({ kind: 'instance-reported', report: one });
    }),
  };
  owner.stop();
  return Object.entries(measured).map(([decision, { cpuMs, median: middle }]) => ({
    models,
    decision,
    'CPU ms': cpuMs,
    'median ms': middle,
    'within 1 ms': Math.min(cpuMs, middle) <= 1 ? 'yes' : 'no',
  }));
});
printTable(`${INSTANCES} instances, ${QUEUED} requests in the queue of ${KEYS} keys`, rows);
