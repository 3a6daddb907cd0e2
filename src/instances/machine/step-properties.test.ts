/** The instance machine in a world that does its worst: what no order of events can lead to. */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import {
  NOW,
  broken,
  exited,
  firstAnswered,
  fresh,
  healthy,
  processOf,
  sick,
  slotOf,
  slotsSeen,
  unwanted,
  wanted,
} from '../../../test/support/machine-story.ts';
import type { SpecChanges } from '../../../test/support/make-spec.ts';
import type { Effect, InstanceEvent, Machine } from './state.ts';
import { step } from './step.ts';

const WISHES: ReadonlySet<string> = new Set(['declared', 'ready-asked', 'stop-asked', 'restart-asked', 'forgotten']);

/** Everything that adds states is switched on. */
const ODD: SpecChanges = {
  restart: { maxRetries: 2 },
  idleTtlMs: 30_000,
  health: { canaryMs: 20_000, stallTimeoutMs: 15_000 },
  engine: { kind: 'command', stopCommand: ['/bin/stop'] },
};

/** A world that carries out effects as slowly and oddly as it likes, and keeps count. */
class World {
  machine: Machine = { ...fresh({ ...ODD }), forgotten: true };
  now = NOW;
  live = new Set<number>();
  launching = new Set<number>();
  ended: number[] = [];
  asked = new Set<number>();
  answers = new Map<number, number>();
  wakes: { generation: number; afterMs: number }[] = [];
  violations: string[] = [];

  post(event: InstanceEvent): void {
    const before = this.machine.state;
    const { machine, effects } = step(this.machine, event, { now: this.now, random: 0.3 });
    this.machine = machine;
    for (const effect of effects) this.perform(effect);
    if (this.live.size + this.launching.size > 1) this.violations.push(`two processes after ${event.kind}`);
    const leftFailure = before.kind === 'failed' && machine.state.kind !== 'failed';
    if (leftFailure && !WISHES.has(event.kind)) this.violations.push(`${event.kind} led out of failed`);
  }

  perform(effect: Effect): void {
    if (effect.kind === 'launch') this.launching.add(effect.launch);
    if (effect.kind === 'kill') this.end(effect.process.launch);
    if (effect.kind === 'wake') this.wakes.push(effect);
    if (effect.kind === 'answer') this.answers.set(effect.waiter, (this.answers.get(effect.waiter) ?? 0) + 1);
  }

  end(launch: number): void {
    if (this.live.delete(launch)) this.ended.push(launch);
  }

  tellEnds(): void {
    for (const launch of this.ended.splice(0)) this.post(exited(launch));
  }
}

type Act = (world: World) => void;
let lastWaiter = 0;
const ask = (world: World, event: (waiter: number) => InstanceEvent): void => {
  const waiter = ++lastWaiter;
  world.asked.add(waiter);
  world.post(event(waiter));
};
const latest = (world: World): number => world.machine.launch;
const becomeLive: Act = (world) => {
  for (const launch of world.launching) {
    world.launching.delete(launch);
    world.live.add(launch);
    world.post({ kind: 'launched', process: processOf(launch, world.machine.spec.fingerprint, world.now) });
  }
};
const ACTS: readonly Act[] = [
  (world) => world.post(wanted(ODD)),
  (world) => world.post(unwanted(ODD)),
  (world) => world.post(wanted({ fingerprint: 'f2', ...ODD })),
  (world) => world.post({ kind: 'forgotten' }),
  (world) => ask(world, (waiter) => ({ kind: 'ready-asked', waiter, by: 'operator' })),
  (world) => ask(world, (waiter) => ({ kind: 'ready-asked', waiter, by: 'request' })),
  (world) => ask(world, (waiter) => ({ kind: 'stop-asked', waiter, force: false })),
  (world) => ask(world, (waiter) => ({ kind: 'stop-asked', waiter, force: true })),
  (world) => ask(world, (waiter) => ({ kind: 'restart-asked', waiter, force: false })),
  (world) => ask(world, (waiter) => ({ kind: 'restart-asked', waiter, force: true })),
  becomeLive,
  (world) => {
    for (const launch of world.launching) {
      world.launching.delete(launch);
      world.post({ kind: 'launch-failed', launch, failure: broken(false) });
    }
  },
  (world) => {
    for (const launch of world.live) world.end(launch);
    world.tellEnds();
  },
  (world) => world.post(healthy(latest(world))),
  (world) => world.post(firstAnswered(latest(world))),
  (world) => world.post(firstAnswered(latest(world), { kind: 'not-yet', detail: 'HTTP 429' })),
  (world) => world.post(firstAnswered(latest(world), { kind: 'silent' })),
  (world) => world.post(sick(latest(world))),
  (world) => world.post(exited(latest(world) - 1)),
  (world) => world.post(slotsSeen([slotOf()], latest(world))),
  (world) => world.post(slotsSeen([slotOf({ busy: true, taskId: 1, tokensDecoded: 1 })], latest(world))),
  (world) => world.post({ kind: 'slots-seen', launch: latest(world), answer: { kind: 'not-told' } }),
  (world) => world.post({ kind: 'slots-seen', launch: latest(world), answer: { kind: 'no-answer' } }),
  (world) =>
    world.post({ kind: 'canary-returned', launch: latest(world), answered: false, slots: { kind: 'no-answer' } }),
  (world) => world.post({ kind: 'used' }),
  (world) => world.post({ kind: 'asked-in-vain', launch: latest(world) }),
  (world) => void (world.now += 31_000),
  (world) => {
    const wake = world.wakes.at(-1);
    if (wake) world.now += wake.afterMs;
    if (wake) world.post({ kind: 'timer', generation: wake.generation });
    world.tellEnds();
  },
];

test('property: never two live processes; a failure is left only by somebody’s wish', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ACTS), { maxLength: 80 }), (acts) => {
      const world = new World();
      for (const act of acts) act(world);
      expect(world.violations).toEqual([]);
    }),
    { numRuns: 1_000 },
  );
});

test('property: every waiter is answered once, at the latest when the instance is stopped and gone', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom(...ACTS), { maxLength: 80 }), (acts) => {
      const world = new World();
      for (const act of acts) act(world);

      world.post({ kind: 'forgotten' });
      becomeLive(world);
      for (const launch of world.live) world.end(launch);
      world.tellEnds();

      expect(world.machine.state.kind).toBe('stopped');
      expect(world.machine.waiters).toEqual([]);
      expect([...world.asked].map((waiter) => world.answers.get(waiter))).toEqual([...world.asked].map(() => 1));
    }),
    { numRuns: 1_000 },
  );
});
