/** Restart policy and memory over many crashes, restarts of the agent, and many instances on one device. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { NOW, broken, exitAt, firstAnswered, healthy, processOf } from '../../../test/support/machine-story.ts';
import { makeSpec } from '../../../test/support/make-spec.ts';
import type { DesiredState, InstanceSpec } from '../../contract/index.ts';
import { createMemoryLedger } from '../../devices/index.ts';
import { fromRecord, toRecord } from '../owner/record.ts';
import type { Effect, InstanceEvent, Machine } from './state.ts';
import { createMachine, step } from './step.ts';

const policies = fc.record({
  enabled: fc.constant(true),
  maxRetries: fc.integer({ min: 0, max: 6 }),
  windowMs: fc.integer({ min: 1_000, max: 600_000 }),
  initialDelayMs: fc.integer({ min: 0, max: 5_000 }),
  multiplier: fc.integer({ min: 1, max: 10 }),
  maxDelayMs: fc.integer({ min: 0, max: 60_000 }),
  jitter: fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100),
  stableAfterMs: fc.integer({ min: 0, max: 300_000 }),
});

/** How long a life lasts once it is ready, and the chance of that moment. */
const lives = fc.array(
  fc.record({
    readyMs: fc.integer({ min: 0, max: 400_000 }),
    random: fc.integer({ min: 0, max: 999 }).map((n) => n / 1_000),
  }),
  { minLength: 1, maxLength: 12 },
);

/** A machine that is started, becomes ready and crashes, again and again, by a clock of its own. */
class Crasher {
  machine: Machine;
  now = NOW;

  constructor(spec: InstanceSpec) {
    this.machine = createMachine(spec, 'stopped');
    this.post({ kind: 'declared', spec, desired: 'running' });
  }

  post(event: InstanceEvent, random = 0): readonly Effect[] {
    const { machine, effects } = step(this.machine, event, { now: this.now, random });
    this.machine = machine;
    return effects;
  }

  /** One life until its crash; answers how long the next start is put off, or null when there is none. */
  live(readyMs: number, random: number): number | null {
    const { launch, spec } = this.machine;
    this.post({ kind: 'launched', process: processOf(launch, spec.fingerprint, this.now) });
    this.post(healthy(launch));
    this.post(firstAnswered(launch));
    this.now += readyMs;
    this.post({ kind: 'exited', launch, exit: exitAt(this.now), portLost: false }, random);
    const { state } = this.machine;
    return state.kind === 'backoff' ? state.dueAt - this.now : null;
  }

  startAgain(delayMs: number): void {
    this.now += delayMs;
    this.post({ kind: 'timer', generation: this.machine.generation });
  }

  /** The agent dies and comes back while the instance waits for its next start. */
  forgetAllButTheRecord(): void {
    const written: unknown = JSON.parse(JSON.stringify(toRecord(this.machine, null)));
    this.machine = fromRecord(written as ReturnType<typeof toRecord>);
    this.post({ kind: 'found', found: { kind: 'nothing' } });
  }
}

test('property: restart spacing follows the policy, and the budget ends in failed', () => {
  fc.assert(
    fc.property(policies, lives, (restart, story) => {
      const crasher = new Crasher(makeSpec({ restart }));
      const crashes: number[] = [];
      let streak = 0;
      for (const { readyMs, random } of story) {
        const delayMs = crasher.live(readyMs, random);
        crashes.push(crasher.now);
        streak = readyMs >= restart.stableAfterMs ? 0 : streak;
        const spent = crashes.filter((at) => crasher.now - at < restart.windowMs).length;
        expect(delayMs === null).toBe(spent > restart.maxRetries);
        expect(crasher.machine.state.kind).toBe(delayMs === null ? 'failed' : 'backoff');
        if (delayMs === null) return;
        const plain = Math.min(restart.maxDelayMs, restart.initialDelayMs * restart.multiplier ** streak++);
        expect(Math.abs(delayMs - plain)).toBeLessThanOrEqual(plain * restart.jitter + 1);
        crasher.startAgain(delayMs);
        expect(crasher.machine.state.kind).toBe('starting');
      }
    }),
    { numRuns: 500 },
  );
});

test('property: the restart budget survives a daemon restart', () => {
  fc.assert(
    fc.property(policies, lives, fc.array(fc.boolean()), (restart, story, deaths) => {
      const steady = new Crasher(makeSpec({ restart }));
      const shaken = new Crasher(makeSpec({ restart }));
      for (const [index, { readyMs, random }] of story.entries()) {
        const delayMs = steady.live(readyMs, random);
        expect(shaken.live(readyMs, random)).toBe(delayMs);
        if (deaths[index] === true) shaken.forgetAllButTheRecord();
        expect(shaken.machine.state.kind).toBe(steady.machine.state.kind);
        if (delayMs === null) return;
        steady.startAgain(delayMs);
        shaken.startAgain(delayMs);
      }
    }),
    { numRuns: 300 },
  );
});

const TOTAL = 1_000;
const NAMES = ['a', 'b', 'c', 'd'] as const;
type Name = (typeof NAMES)[number];

/** Instances of different sizes on one device; launches ask its ledger, as `launch.ts` does. */
class SharedDevice {
  readonly ledger = createMemoryLedger();
  readonly machines = new Map<Name, Machine>();
  readonly launching = new Map<Name, number>();
  readonly live = new Map<Name, number>();

  constructor() {
    this.ledger.observe('card', { totalBytes: TOTAL, observedBytes: null, temperatureC: null });
    for (const name of NAMES) this.machines.set(name, createMachine(specOf(name), 'stopped'));
  }

  post(name: Name, event: InstanceEvent): void {
    const before = this.machines.get(name);
    if (before === undefined) return;
    const { machine, effects } = step(before, event, { now: NOW, random: 0.5 });
    this.machines.set(name, machine);
    for (const effect of effects) this.perform(name, effect);
  }

  perform(name: Name, effect: Effect): void {
    if (effect.kind === 'release') this.ledger.release(name);
    if (effect.kind === 'kill' || effect.kind === 'terminate') this.live.delete(name);
    if (effect.kind === 'launch') this.launching.set(name, effect.launch);
  }

  finishLaunch(name: Name): void {
    const launch = this.launching.get(name);
    if (launch === undefined) return;
    this.launching.delete(name);
    const shares = [{ device: 'card', bytes: specOf(name).model.memoryBytes }];
    const answer = this.ledger.reserve({ owner: name, kind: 'instance', shares });
    const failure = { ...broken(false), code: 'MEMORY_INSUFFICIENT' } as const;
    if (answer.kind === 'refused') return this.post(name, { kind: 'launch-failed', launch, failure });
    this.live.set(name, launch);
    this.post(name, { kind: 'launched', process: processOf(launch) });
  }

  /** What has not been launched yet cannot end. */
  end(name: Name): void {
    if (this.launching.has(name)) return;
    const launch = this.machines.get(name)?.launch ?? 0;
    this.live.delete(name);
    this.post(name, { kind: 'exited', launch, exit: exitAt(NOW), portLost: false });
  }

  get reserved(): number {
    return this.ledger.reservations().reduce((sum, { bytes }) => sum + bytes, 0);
  }
}

function specOf(name: Name): InstanceSpec {
  const bytes = { a: 100, b: 400, c: 500, d: 900 }[name];
  return makeSpec({ name, model: { memoryBytes: bytes }, stop: { drainMs: 0 } });
}

function declared(name: Name, desired: DesiredState): InstanceEvent {
  return { kind: 'declared', spec: specOf(name), desired };
}

const MOVES: readonly ((device: SharedDevice, name: Name) => void)[] = [
  (device, name) => device.post(name, declared(name, 'running')),
  (device, name) => device.post(name, declared(name, 'stopped')),
  (device, name) => device.finishLaunch(name),
  (device, name) => device.post(name, healthy(device.machines.get(name)?.launch ?? 0)),
  (device, name) => device.post(name, firstAnswered(device.machines.get(name)?.launch ?? 0)),
  (device, name) => device.end(name),
  (device, name) => device.post(name, { kind: 'restart-asked', waiter: 1, force: true }),
  (device, name) => device.post(name, { kind: 'timer', generation: device.machines.get(name)?.generation ?? 0 }),
];

test('property: reservations never exceed a device, what runs has one, and what rests has none', () => {
  const moves = fc.array(fc.tuple(fc.constantFrom(...MOVES), fc.constantFrom(...NAMES)), { maxLength: 120 });
  fc.assert(
    fc.property(moves, (story) => {
      const device = new SharedDevice();
      for (const [move, name] of story) {
        move(device, name);
        const owners = new Set(device.ledger.reservations().map(({ owner }) => owner));
        expect(device.reserved).toBeLessThanOrEqual(TOTAL);
        expect([...device.live.keys()].filter((live) => !owners.has(live))).toEqual([]);
      }
      for (const name of NAMES) {
        device.post(name, declared(name, 'stopped'));
        device.finishLaunch(name);
        device.end(name);
      }
      expect(device.reserved).toBe(0);
    }),
    { numRuns: 300 },
  );
});
