import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { cpuMs } from '../../../test/support/cpu-time.ts';
import { RequestQueue } from './queue.ts';
import type { Waiting } from './queue.ts';

const policy = { promoteAfterMs: 300, maximumWaitMs: 100 };

function waiting(id: string, changes: Partial<Waiting> = {}): Waiting {
  return {
    id,
    group: 'g',
    lane: 'l',
    model: 'm',
    key: 'k',
    class: 'interactive',
    cost: 10,
    arrivedAt: 0,
    expiresAt: null,
    ...changes,
  };
}

function filled(...requests: readonly Waiting[]): RequestQueue {
  const queue = new RequestQueue(policy);
  for (const request of requests) queue.push(request, request.arrivedAt);
  return queue;
}

function drain(queue: RequestQueue, lane = 'l'): string[] {
  const order: string[] = [];
  for (let taken = queue.take(lane); taken !== null; taken = queue.take(lane)) order.push(taken.id);
  return order;
}

describe('the order', () => {
  test('is by arrival within one key and class', () => {
    const queue = filled(
      waiting('second', { arrivedAt: 2 }),
      waiting('first', { arrivedAt: 1 }),
      waiting('third', { arrivedAt: 3 }),
    );

    expect(drain(queue)).toEqual(['first', 'second', 'third']);
  });

  test('puts interactive before batch', () => {
    const queue = filled(waiting('b', { class: 'batch' }), waiting('i', { arrivedAt: 5 }));

    expect(drain(queue)).toEqual(['i', 'b']);
  });

  test('promotes batch work that has waited long, and lets what has waited longest beat everything', () => {
    const queue = filled(waiting('old', { class: 'batch' }), waiting('young', { arrivedAt: 350 }));

    queue.advance(400);

    expect(drain(queue)).toEqual(['old', 'young']);
  });

  test('serves a light key next, however many a heavy key has waiting', () => {
    const heavy = Array.from({ length: 200 }, (_, index) => waiting(`heavy${index}`, { key: 'heavy' }));
    const queue = filled(...heavy);
    queue.take('l');

    queue.push(waiting('light', { key: 'light', arrivedAt: 50 }), 50);

    expect(queue.take('l')?.id).toBe('light');
  });

  test('gives no credit for rest: a key that comes back shares from where the others are', () => {
    const queue = filled(...Array.from({ length: 10 }, (_, index) => waiting(`a${index}`, { key: 'a' })));
    for (let index = 0; index < 5; index++) queue.take('l');
    for (let index = 0; index < 5; index++) queue.push(waiting(`b${index}`, { key: 'b', arrivedAt: 1 }), 1);

    const order = drain(queue).map((id) => id[0]);

    expect(order.slice(0, 4).toSorted()).toEqual(['a', 'a', 'b', 'b']);
  });

  test('charges what was really used once that is known', () => {
    const queue = filled(
      waiting('a0', { key: 'a' }),
      waiting('a1', { key: 'a' }),
      waiting('b0', { key: 'b', arrivedAt: 1 }),
    );
    const taken = queue.take('l');

    queue.settle(taken ?? waiting(''), 0);

    expect(taken?.id).toBe('a0');
    expect(queue.take('l')?.id).toBe('a1');
  });

  test('compares the heads of lanes like neighbours', () => {
    const queue = filled(
      waiting('pinned batch', { lane: 'pin', class: 'batch' }),
      waiting('any', { lane: 'any', arrivedAt: 3 }),
      waiting('other group', { lane: 'far', group: 'h', arrivedAt: 2 }),
    );

    expect(queue.first(['pin', 'any'])).toBe('any');
    expect(queue.first(['pin', 'any', 'far'])).toBe('far');
    expect(queue.first(['nothing'])).toBeNull();
  });
});

describe('waiting too long', () => {
  test('expires a request and says when to look again', () => {
    const queue = filled(waiting('short', { expiresAt: 50 }), waiting('long', { expiresAt: 500 }));

    expect(queue.nextChangeAt).toBe(50);
    expect(queue.advance(49)).toEqual([]);
    expect(queue.advance(50).map((request) => request.id)).toEqual(['short']);
    expect(queue.nextChangeAt).toBe(100);
  });
});

describe('the places', () => {
  test('are told by class, fair share and arrival', () => {
    const queue = filled(
      waiting('b', { class: 'batch' }),
      waiting('i1'),
      waiting('i2', { arrivedAt: 1 }),
      waiting('light', { arrivedAt: 2, key: 'light' }),
    );

    expect(Object.fromEntries(queue.places())).toEqual({ i1: 1, light: 2, i2: 3, b: 4 });
  });
});

describe('the oldest batch request', () => {
  test('is the one that has waited longest in any lane of the group; a promoted one is none', () => {
    const queue = filled(
      waiting('promoted', { class: 'batch' }),
      waiting('young', { class: 'batch', arrivedAt: 200 }),
      waiting('old', { class: 'batch', arrivedAt: 100, lane: 'other' }),
      waiting('elsewhere', { class: 'batch', arrivedAt: 1, group: 'h', lane: 'far' }),
    );

    queue.advance(350);

    expect(queue.oldestBatch('g')?.id).toBe('old');
    expect(queue.oldestBatch('nothing')).toBeNull();
  });
});

/** What may happen to a queue; a model of plain arrays says what must be true after each. */
type Step =
  | {
      readonly kind: 'push';
      readonly key: number;
      readonly lane: number;
      readonly batch: boolean;
      readonly ttl: number | null;
    }
  | { readonly kind: 'take'; readonly lane: number }
  | { readonly kind: 'remove'; readonly pick: number }
  | { readonly kind: 'settle'; readonly cost: number }
  | { readonly kind: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('push' as const),
    key: fc.nat(3),
    lane: fc.nat(2),
    batch: fc.boolean(),
    ttl: fc.option(fc.nat(400)),
  }),
  fc.record({ kind: fc.constant('take' as const), lane: fc.nat(2) }),
  fc.record({ kind: fc.constant('remove' as const), pick: fc.nat(50) }),
  fc.record({ kind: fc.constant('settle' as const), cost: fc.nat(100) }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.nat(150) }),
);

describe('for every history', () => {
  test('each request leaves exactly once: taken, removed or expired', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const run = play(steps);

        expect(run.left.length + run.inside.size).toBe(run.pushed);
        expect(new Set(run.left).size).toBe(run.left.length);
        expect(run.queue.size).toBe(run.inside.size);
        expect(new Set([...run.queue.waiting()].map((request) => request.id))).toEqual(run.inside);
      }),
    );
  });

  test('what is taken is never of a lower tier than what stays in its lane', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        expect(play(steps).inversions).toBe(0);
      }),
    );
  });
});

function tierOf(request: Waiting, now: number): number {
  const since = request.class === 'interactive' ? request.arrivedAt : request.arrivedAt + policy.promoteAfterMs;
  if (now >= since + policy.maximumWaitMs) return 0;
  return now >= since ? 1 : 2;
}

function play(steps: readonly Step[]) {
  const queue = new RequestQueue(policy);
  const inside = new Set<string>();
  const left: string[] = [];
  let [now, pushed, inversions] = [0, 0, 0];
  let last: Waiting | null = null;
  const leave = (request: Waiting | null): void => {
    if (request === null) return;
    inside.delete(request.id);
    left.push(request.id);
  };
  const perform: { readonly [K in Step['kind']]: (step: Step & { kind: K }) => void } = {
    push: ({ key, lane, batch, ttl }) => {
      const id = `r${pushed++}`;
      inside.add(id);
      const expiresAt = ttl === null ? null : now + ttl;
      const requestClass = batch ? 'batch' : 'interactive';
      queue.push(
        waiting(id, { key: `k${key}`, lane: `l${lane}`, class: requestClass, arrivedAt: now, expiresAt }),
        now,
      );
    },
    take: ({ lane }) => {
      const taken = queue.take(`l${lane}`);
      if (taken === null) return;
      const rest = [...queue.waiting()].filter((request) => request.lane === taken.lane);
      if (rest.some((request) => tierOf(request, now) < tierOf(taken, now))) inversions++;
      last = taken;
      leave(taken);
    },
    remove: ({ pick }) => leave(queue.remove(`r${pick}`)),
    settle: ({ cost }) => void (last && queue.settle(last, cost)),
    pass: ({ ms }) => {
      now += ms;
      for (const request of queue.advance(now)) leave(request);
    },
  };
  for (const one of steps) (perform[one.kind] as (step: Step) => void)(one); // the table has one row per kind
  return { queue, inside, left, pushed, inversions };
}

describe('nobody starves', () => {
  /** One slot, interactive work that never stops, and one batch request. */
  test('a batch request is served within promotion, maximum wait and what was overdue before it', () => {
    const serviceMs = 7;
    const queue = filled(waiting('batch', { class: 'batch', key: 'plans' }));
    let servedAt = Infinity;
    for (let now = 0, count = 0; now < 5_000 && servedAt === Infinity; now += serviceMs, count += 2) {
      queue.push(waiting(`x${count}`, { key: 'x', arrivedAt: now }), now);
      queue.push(waiting(`y${count}`, { key: 'y', arrivedAt: now }), now);
      queue.advance(now);
      if (queue.take('l')?.id === 'batch') servedAt = now;
    }

    expect(servedAt).toBeLessThanOrEqual(policy.promoteAfterMs + policy.maximumWaitMs + serviceMs);
  });

  test('everybody is served within a bound that does not depend on who comes after him', () => {
    const arrival = fc.record({
      key: fc.constantFrom('a', 'b', 'c'),
      class: fc.constantFrom('interactive' as const, 'batch' as const),
      cost: fc.integer({ min: 1, max: 50 }),
    });
    fc.assert(
      fc.property(fc.array(fc.array(arrival, { maxLength: 3 }), { maxLength: 40 }), (turns) => {
        const queue = new RequestQueue(policy);
        const [serviceMs, longest] = [10, policy.promoteAfterMs + policy.maximumWaitMs];
        const tooLate: string[] = [];
        let [count, now] = [0, 0];
        while (queue.size > 0 || now <= turns.length * serviceMs) {
          for (const one of turns[now / serviceMs] ?? []) {
            queue.push(waiting(`${count++}`, { ...one, arrivedAt: now }), now);
          }
          queue.advance(now);
          const taken = queue.take('l');
          const bound = longest + (Number(taken?.id) + 1) * serviceMs; // those that came before it
          if (taken !== null && now - taken.arrivedAt > bound) tooLate.push(taken.id);
          now += serviceMs;
        }

        expect(tooLate).toEqual([]);
      }),
      { numRuns: 50 },
    );
  });

  test('busy keys get equal tokens, however their requests differ in size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (costA, costB) => {
        const requests = Array.from({ length: 400 }, (_, index) => [
          waiting(`a${index}`, { key: 'a', cost: costA }),
          waiting(`b${index}`, { key: 'b', cost: costB }),
        ]).flat();
        const queue = filled(...requests);

        const used = { a: 0, b: 0 };
        for (let turn = 0; turn < 400; turn++) {
          const taken = queue.take('l');
          if (taken?.key === 'a') used.a += costA;
          else used.b += costB;
        }

        expect(Math.abs(used.a - used.b)).toBeLessThanOrEqual(costA + costB);
      }),
      { numRuns: 30 },
    );
  });
});

test('10,000 waiting requests are put in, served and settled in well under a millisecond each', async () => {
  const requests = Array.from({ length: 10_000 }, (_, index) =>
    waiting(`r${index}`, { key: `k${index % 100}`, lane: `l${index % 10}`, arrivedAt: index }),
  );

  const ms = await cpuMs(() => {
    const queue = filled(...requests);
    for (let turn = 0; turn < 10_000; turn++) queue.take(queue.first(queue.lanes()) ?? '');
    expect(queue.size).toBe(0);
  });

  expect(ms).toBeLessThan(5_000);
});
