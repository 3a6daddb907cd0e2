/** A whole batch in memory, driven by the pure rules alone: what holds for every graph and every course of events. */

import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { FailureClass } from '../contract/index.ts';
import { decide, POISON_LIMIT } from './failure/failure.ts';
import { release } from './release/release.ts';
import type { EdgeCondition } from './release/release.ts';
import { step } from './tasks/task-state.ts';
import type { EndState, Task, TaskEvent } from './tasks/task-state.ts';

interface Edge {
  readonly parent: number;
  readonly child: number;
  readonly condition: Exclude<EdgeCondition, 'expanded'>;
}

interface Graph {
  readonly size: number;
  readonly edges: readonly Edge[];
}

const RETRIES = 2;
const HOLDER = { agent: 'here', epoch: 7 };

const graphs: fc.Arbitrary<Graph> = fc.integer({ min: 1, max: 12 }).chain((size) =>
  fc
    .array(
      fc.record({
        a: fc.nat(size - 1),
        b: fc.nat(size - 1),
        condition: fc.constantFrom('success' as const, 'success' as const, 'done' as const, 'failed' as const),
      }),
      { maxLength: 20 },
    )
    .map((pairs) => ({ size, edges: acyclic(pairs) })),
);

function acyclic(pairs: readonly { a: number; b: number; condition: Edge['condition'] }[]): Edge[] {
  const edges = new Map<string, Edge>();
  for (const { a, b, condition } of pairs) {
    if (a !== b)
      edges.set(`${Math.min(a, b)}-${Math.max(a, b)}`, { parent: Math.min(a, b), child: Math.max(a, b), condition });
  }
  return [...edges.values()];
}

type Fate =
  | { readonly kind: 'succeed' }
  | { readonly kind: 'fail'; readonly class: FailureClass }
  | { readonly kind: 'lose' };

const fates: fc.Arbitrary<Fate> = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Fate>({ kind: 'succeed' }) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom<FailureClass>('exit_code', 'definition', 'memory', 'timeout', 'backoff', 'output', 'declared')
      .map((failureClass): Fate => ({ kind: 'fail', class: failureClass })),
  },
  { weight: 1, arbitrary: fc.constant<Fate>({ kind: 'lose' }) },
);

class World {
  readonly graph: Graph;
  readonly tasks: Task[];
  readonly pending: number[];
  readonly ended: number[] = [];
  readonly runs: { readonly task: number; readonly endedBefore: ReadonlyMap<number, EndState> }[] = [];
  now = 0;

  constructor(graph: Graph) {
    this.graph = graph;
    this.tasks = Array.from({ length: graph.size }, (_, id) => waiting(id));
    this.pending = this.tasks.map(({ id }) => graph.edges.filter(({ child }) => child === id).length);
    for (const task of this.tasks) if (this.pending[task.id] === 0) this.apply(task.id, { kind: 'released' });
  }

  task(id: number): Task {
    const task = this.tasks[id];
    if (!task) throw new Error(`no task ${id}`);
    return task;
  }

  apply(id: number, event: TaskEvent): boolean {
    const next = step(this.task(id), event, this.now);
    if (next.kind === 'refused') return false;
    this.tasks[id] = next.task;
    if (next.task.status.kind === 'ended') this.ended.push(id);
    return true;
  }

  /** Level by level, as the turn does it: all that one level means is applied before the next is looked at. */
  settleAll(): void {
    for (let id = this.ended.shift(); id !== undefined; id = this.ended.shift()) {
      const { status } = this.task(id);
      if (status.kind === 'ended') this.settle(id, status.as);
    }
  }

  settle(id: number, ended: EndState): void {
    const edges = this.graph.edges
      .filter(({ parent, child }) => parent === id && this.task(child).status.kind === 'waiting')
      .map(({ child, condition }) => ({
        parentName: `t${id}`,
        ended,
        condition,
        childId: child,
        childPending: this.pending[child] ?? 0,
      }));
    for (const verdict of release(edges)) {
      if (verdict.kind === 'waits') this.pending[verdict.childId] = verdict.pending;
      else if (verdict.kind === 'released') this.apply(verdict.childId, { kind: 'released' });
      else this.apply(verdict.childId, { kind: verdict.kind, because: verdict.because });
    }
  }

  ends(): Map<number, EndState> {
    return new Map(this.tasks.flatMap(({ id, status }) => (status.kind === 'ended' ? [[id, status.as] as const] : [])));
  }

  /** One attempt of a ready task, or the end of a backoff. False when nothing can move. */
  advance(choice: number, fate: Fate): boolean {
    const movable = this.tasks.filter(({ status }) => status.kind === 'ready' || status.kind === 'backoff');
    const chosen = movable[choice % Math.max(1, movable.length)];
    if (!chosen) return false;
    if (chosen.status.kind === 'backoff') {
      this.now = Math.max(this.now, chosen.status.until);
      return this.apply(chosen.id, { kind: 'woken' });
    }
    this.run(chosen.id, fate);
    this.settleAll();
    return true;
  }

  run(id: number, fate: Fate): void {
    this.runs.push({ task: id, endedBefore: this.ends() });
    this.apply(id, { kind: 'leased', holder: HOLDER });
    const claim = { attempt: this.task(id).attempt, epoch: HOLDER.epoch };
    this.apply(id, { kind: 'started', claim, device: 'cpu', pid: 1, at: this.now });
    if (fate.kind === 'succeed') {
      this.apply(id, { kind: 'succeeded', claim, durationMs: 1 });
      return;
    }
    const failureClass = fate.kind === 'lose' ? 'infrastructure' : fate.class;
    const { failures, freeAttempts } = this.task(id);
    const decision = decide(
      failureClass,
      { failures, freeAttempts, timeouts: 0, memoryBytes: 0 },
      { retries: RETRIES, largestBytes: null },
      () => 0.5,
    );
    const what = { claim, class: failureClass, reason: 'because' };
    if (decision.kind === 'fail') this.apply(id, { ...what, kind: 'failed' });
    else this.apply(id, { ...what, ...decision, kind: 'retried' });
  }
}

function waiting(id: number): Task {
  return {
    id,
    batchId: 'b',
    name: `t${id}`,
    attempt: 0,
    failures: 0,
    freeAttempts: 0,
    memoryBytes: 0,
    reason: null,
    status: { kind: 'waiting' },
  };
}

const courses = fc.array(fc.record({ choice: fc.nat(50), fate: fates }), { maxLength: 60 });

function play(graph: Graph, course: readonly { choice: number; fate: Fate }[]): World {
  const world = new World(graph);
  for (const { choice, fate } of course) world.advance(choice, fate);
  while (world.advance(0, { kind: 'succeed' }));
  return world;
}

function allows(condition: Edge['condition'], ended: EndState | undefined): boolean {
  if (ended === undefined) return false;
  if (condition === 'done') return true;
  return condition === 'failed' ? ended === 'failed' || ended === 'aborted' : ended === 'succeeded';
}

test('a task never runs before what it depends on has ended as it asks', () => {
  fc.assert(
    fc.property(graphs, courses, (graph, course) => {
      for (const { task, endedBefore } of play(graph, course).runs) {
        const parents = graph.edges.filter(({ child }) => child === task);
        expect(parents.every(({ parent, condition }) => allows(condition, endedBefore.get(parent)))).toBe(true);
      }
    }),
  );
});

test('every batch ends: no task is left that nothing will move', () => {
  fc.assert(
    fc.property(graphs, courses, (graph, course) => {
      expect(play(graph, course).ends().size).toBe(graph.size);
    }),
  );
});

test('what needs a task that did not succeed never runs', () => {
  fc.assert(
    fc.property(graphs, courses, (graph, course) => {
      const ends = play(graph, course).ends();
      const forbidden = graph.edges.filter(({ parent, condition }) => !allows(condition, ends.get(parent)));
      for (const { child } of forbidden) expect(['aborted', 'skipped']).toContain(ends.get(child));
    }),
  );
});

test('a task is tried no more often than its budget and the poison limit allow', () => {
  fc.assert(
    fc.property(graphs, courses, (graph, course) => {
      for (const task of play(graph, course).tasks) {
        expect(task.failures).toBeLessThanOrEqual(RETRIES + 1);
        expect(task.freeAttempts).toBeLessThanOrEqual(POISON_LIMIT);
        expect(task.attempt).toBeLessThanOrEqual(RETRIES + 1 + POISON_LIMIT + 1);
      }
    }),
  );
});

const reports = (attempt: number, epoch: number): TaskEvent[] => {
  const claim = { attempt, epoch };
  return [
    { kind: 'started', claim, device: 'cpu', pid: 1, at: 0 },
    { kind: 'returned', claim, reason: null },
    { kind: 'adopted', claim, epoch: 99 },
    { kind: 'succeeded', claim, durationMs: 1 },
    { kind: 'retried', claim, class: 'exit_code', reason: '', free: false, delayMs: 1 },
    { kind: 'failed', claim, class: 'exit_code', reason: '' },
  ];
};

test('a report under another attempt number or epoch changes nothing', () => {
  fc.assert(
    fc.property(
      graphs,
      courses,
      fc.integer({ min: 0, max: 12 }),
      fc.integer({ min: 0, max: 12 }),
      (graph, course, no, epoch) => {
        const world = new World(graph);
        for (const { choice, fate } of course) world.advance(choice, fate);
        const held = world.tasks.find(({ status }) => status.kind === 'ready');
        if (held) world.apply(held.id, { kind: 'leased', holder: HOLDER });
        for (const task of world.tasks) {
          fc.pre(!(task.attempt === no && epoch === HOLDER.epoch));
          for (const event of reports(no, epoch))
            expect(step(task, event, 0)).toEqual({ kind: 'refused', why: 'stale' });
        }
      },
    ),
  );
});
