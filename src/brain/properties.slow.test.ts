/**
 * What holds for every plan and every course of events, over a real store with agents in memory: nothing runs before
 * what it depends on, no device is promised more than it has, and every batch ends.
 */

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { BrainHouse } from '../../test/support/brain-house.ts';
import { cpuDevice } from '../../test/support/fake-agents.ts';
import type { FakeAgent, Script } from '../../test/support/fake-agents.ts';
import { isFact } from '../contract/index.ts';
import type { Fact } from '../contract/index.ts';
import { TestClock } from '../kernel/index.ts';
import { judgeGoal } from './templates/goal.ts';
import type { Goal } from './templates/goal.ts';

const MIB = 1024 * 1024;
const BUDGET_MIB = 4_000;

interface PlannedTask {
  readonly parents: readonly { readonly of: number; readonly condition: 'success' | 'done' | 'failed' }[];
  /** 0: a cpu task. */
  readonly memoryMib: number;
  readonly items: number;
}

const plannedTask = (index: number): fc.Arbitrary<PlannedTask> =>
  fc.record({
    parents: fc.uniqueArray(
      fc.record({
        of: fc.nat(Math.max(0, index - 1)),
        condition: fc.constantFrom('success', 'success', 'done', 'failed'),
      }),
      { maxLength: index === 0 ? 0 : 3, selector: ({ of }) => of },
    ),
    memoryMib: fc.constantFrom(0, 0, 700, 1_900),
    items: fc.constantFrom(0, 0, 3),
  });

const plans: fc.Arbitrary<PlannedTask[]> = fc
  .integer({ min: 1, max: 7 })
  .chain((size) => fc.tuple(...Array.from({ length: size }, (_, index) => plannedTask(index))));

/** What becomes of the attempts, in the order in which they are given out; then all succeed. */
const fates = fc.array(fc.constantFrom('end', 'end', 'fail', 'declared', 'oom', 'hold', 'queue'), { maxLength: 40 });
const troubles = fc.array(fc.constantFrom('restart', 'cut', 'crash', 'release', 'wait'), { maxLength: 8 });

type Fate = 'end' | 'fail' | 'declared' | 'oom' | 'hold' | 'queue';

function nameOf(index: number): string {
  return `t${index}`;
}

function write(house: BrainHouse, tasks: readonly PlannedTask[]): string {
  const lines = tasks.map(({ parents, memoryMib, items }, index) => ({
    id: nameOf(index),
    command: 'true',
    class: memoryMib === 0 ? 'cpu' : 'script',
    dependsOn: parents.map(({ of, condition }) => written(nameOf(of), condition)).join(', ') || 'none',
    ...(items === 0 ? {} : { foreach: '{PLAN_PATH}/list.json:.' }),
    more: ['- **fail_codes**: 9', ...(memoryMib === 0 ? [] : [`- **vram_estimate_mb**: ${memoryMib}`])],
  }));
  return house.plan(lines, { 'list.json': '[1, 2, 3]' });
}

function written(name: string, condition: string): string {
  return condition === 'success' ? name : `${condition}(${name})`;
}

function scriptOf(course: readonly Fate[]): Script {
  const left = [...course];
  return () => {
    const fate = left.shift() ?? 'end';
    if (fate === 'hold' || fate === 'queue') return fate;
    if (fate === 'end') return {};
    if (fate === 'declared') return { exitCode: 9 };
    return fate === 'oom' ? { exitCode: 1, tail: 'CUDA error: out of memory' } : { exitCode: 1 };
  };
}

async function trouble(house: BrainHouse, kind: string): Promise<void> {
  const { agent } = house;
  switch (kind) {
    case 'restart':
      await house.restart();
      await agent.connect(house.brain);
      return;
    case 'cut':
      agent.reincarnate();
      await agent.connect(house.brain);
      return;
    case 'crash':
      agent.crash();
      await house.brain.onAgentLost(agent.host);
      await agent.connect(house.brain);
      return;
    case 'release':
      for (const grant of agent.live()) agent.finish(grant);
      return;
    default:
      return;
  }
}

/** Most memory and attempts without a core of their own that were promised at once. */
function watchPromises(agent: FakeAgent): { memoryMib: number } {
  const most = { memoryMib: 0 };
  const { script } = agent;
  agent.script = (grant) => {
    const promised = agent.live().reduce((sum, { memoryBytes }) => sum + memoryBytes, 0) / MIB;
    most.memoryMib = Math.max(most.memoryMib, promised);
    return script(grant);
  };
  return most;
}

/** Ends of tasks and templates, by name, in the order of the facts. */
function endOf(fact: Fact): { readonly name: string; readonly as: string } | null {
  const kind = /^task\.(succeeded|failed|aborted|skipped|cancelled)$/.exec(fact.type)?.[1];
  return kind === undefined ? null : { name: fact.subject.slice(fact.subject.indexOf('/') + 1), as: kind };
}

function violationsOf(facts: readonly Fact[], tasks: readonly PlannedTask[]): string[] {
  const ended = new Map<string, string>();
  const violations: string[] = [];
  for (const fact of facts) {
    const end = endOf(fact);
    if (end) ended.set(end.name, end.as);
    if (!isFact(fact, 'task.leased')) continue;
    const name = fact.subject.slice(fact.subject.indexOf('/') + 1);
    const planned = tasks[Number(/^t(\d+)/.exec(name)?.[1])];
    for (const { of, condition } of planned?.parents ?? []) {
      if (!allows(condition, ended.get(nameOf(of))))
        violations.push(`${name} ran before ${condition} of ${nameOf(of)}`);
    }
  }
  return violations;
}

function allows(condition: string, ended: string | undefined): boolean {
  if (ended === undefined) return false;
  if (condition === 'done') return true;
  return condition === 'failed' ? ended === 'failed' || ended === 'aborted' : ended === 'succeeded';
}

test('a batch always ends, nothing runs before its dependencies, and no device is promised more than it has', async () => {
  await fc.assert(
    fc.asyncProperty(plans, fates, troubles, async (tasks, course, events) => {
      const clock = new TestClock();
      await using house = await BrainHouse.open({ clock });
      house.agent.devices = [cpuDevice(2, { taskBudgetBytes: BUDGET_MIB * MIB })];
      house.agent.script = scriptOf(course);
      const most = watchPromises(house.agent);

      const batch = await house.submit(write(house, tasks));
      const ended = house.ended(batch);
      for (const event of events) {
        await clock.advance(500);
        await trouble(house, event);
      }
      let status: string | null = null;
      void ended.then((found) => (status = found));
      while (status === null) {
        await trouble(house, 'release');
        await clock.advance(1_000);
      }

      const { counts } = await house.brain.showBatch(batch);
      expect(counts.succeeded + counts.failed + counts.aborted + counts.skipped).toBe(counts.total);
      expect(violationsOf(house.facts, tasks)).toEqual([]);
      // Beside what runs, one attempt for each core may wait at the agent, which charges it only when it starts.
      expect(most.memoryMib).toBeLessThanOrEqual(BUDGET_MIB + 2 * 1_900 * 1.5 ** 2);
    }),
    { numRuns: 25 },
  );
}, 120_000);

const goals: fc.Arbitrary<Goal> = fc
  .record({ target: fc.integer({ min: 1, max: 30 }), tolerance: fc.nat(5), multiplier: fc.integer({ min: 1, max: 5 }) })
  .map(({ target, tolerance, multiplier }) => ({
    target,
    tolerance,
    maxTried: target * multiplier,
    tracked: 't',
    sources: new Set<string>(),
    followers: new Set<string>(),
  }));

test('a goal ends, and never has more accepted and in flight than its target nor tries more than its limit', () => {
  fc.assert(
    fc.property(
      goals,
      fc.nat(200),
      fc.array(fc.boolean(), { minLength: 200, maxLength: 200 }),
      (goal, listed, accepts) => {
        let [tried, ended, accepted] = [0, 0, 0];
        const look = () => judgeGoal(goal, { listed, tried, ended, accepted });
        let verdict = look();
        for (; verdict.kind === 'try' || verdict.kind === 'wait'; verdict = look()) {
          if (verdict.kind === 'try') tried += verdict.count;
          else {
            if (accepts[ended]) accepted += 1;
            ended += 1;
          }
          expect(accepted + tried - ended).toBeLessThanOrEqual(goal.target);
          expect(tried).toBeLessThanOrEqual(Math.min(goal.maxTried, listed));
        }
        expect(verdict.kind === 'reached').toBe(accepted >= goal.target - goal.tolerance);
      },
    ),
  );
});

const ITEMS = 700;

/** Orders of one list; some keep it as it is. */
const orders = fc.oneof(
  fc.constant(Array.from({ length: ITEMS }, (_, index) => index)),
  fc.shuffledSubarray(
    Array.from({ length: ITEMS }, (_, index) => index),
    { minLength: ITEMS },
  ),
);

test('templates that pair over long lists in any orders run every item once, each after its partner', async () => {
  await fc.assert(
    fc.asyncProperty(orders, orders, orders, async (...lists) => {
      await using house = await BrainHouse.open({ cores: 64 });
      const files = lists.map(
        (order, index) => [`${index}.json`, JSON.stringify(order.map((id) => ({ id })))] as const,
      );
      const steps = lists.map((_, index) => ({
        id: `s${index}`,
        command: 'true',
        foreach: `{PLAN_PATH}/${index}.json:.`,
        dependsOn: index === 0 ? 'none' : `s${index - 1}_{ITEM.id}`,
      }));

      const status = await house.ended(await house.submit(house.plan(steps, Object.fromEntries(files))));

      const place = new Map(house.agent.ran.map(({ attempt }, index) => [attempt.task, index]));
      expect({ status, ran: house.agent.ran.length, tasks: place.size }).toEqual({
        status: 'succeeded',
        ran: 3 * ITEMS,
        tasks: 3 * ITEMS,
      });
      const early = lists[0].filter((id) => (place.get(`s2_${id}`) ?? 0) < (place.get(`s1_${id}`) ?? 0));
      expect(early).toEqual([]);
    }),
    { numRuns: 4 },
  );
}, 180_000);
