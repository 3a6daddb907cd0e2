import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { RequestQueue } from '../queue/queue.ts';
import type { Waiting } from '../queue/queue.ts';
import { ForecastErrors } from './forecast-errors.ts';
import { Places } from './places.ts';
import { leftMs, startsInMs } from './start-forecast.ts';
import type { SlotLine } from './start-forecast.ts';

const policy = { promoteAfterMs: 300, maximumWaitMs: 100 };

const request = fc.record({
  key: fc.constantFrom('a', 'b', 'c'),
  lane: fc.constantFrom('l', 'm'),
  model: fc.constant('m'),
  class: fc.constantFrom('interactive' as const, 'batch' as const),
  cost: fc.integer({ min: 1, max: 50 }),
  arrivedAt: fc.nat(500),
});

function filled(requests: readonly Omit<Waiting, 'id' | 'group' | 'expiresAt'>[]): RequestQueue {
  const queue = new RequestQueue(policy);
  requests.forEach((one, at) => queue.push({ ...one, id: `r${at}`, group: 'g', expiresAt: null }, one.arrivedAt));
  queue.advance(500);
  return queue;
}

describe('the places in the queue', () => {
  test('are the order in which everybody is served, for every queue', () => {
    fc.assert(
      fc.property(fc.array(request, { maxLength: 60 }), fc.nat(20), (requests, served) => {
        const queue = filled(requests);
        for (let turn = 0; turn < served; turn++) queue.take(queue.first(queue.lanes()) ?? '');

        const told = [...queue.places()].toSorted(([, a], [, b]) => a - b).map(([id]) => id);
        const order: string[] = [];
        while (queue.size > 0) order.push(queue.take(queue.first(queue.lanes()) ?? '')?.id ?? '');

        expect(told).toEqual(order);
      }),
    );
  });

  test('are read again when somebody has come or gone, and kept for a moment while very many wait', () => {
    const queue = filled([]);
    const push = (id: string): void =>
      queue.push(
        {
          id,
          group: 'g',
          lane: 'l',
          model: 'm',
          key: id,
          class: 'interactive',
          cost: 1,
          arrivedAt: 0,
          expiresAt: null,
        },
        0,
      );
    const places = new Places(queue);
    push('first');
    push('second');

    expect([places.of('second', 0), places.of('nobody', 0)]).toEqual([2, 0]);
    queue.remove('first');
    expect([places.of('second', 0.05), places.of('second', 1), places.of('first', 1)]).toEqual([2, 1, 0]);
    push('third');
    expect(places.of('third', 1.05)).toBe(2);
  });
});

/** Serves them one by one, each in the slot that is free first. */
function simulate(ahead: number, lines: readonly SlotLine[]): number {
  const slots = lines.map((line) => ({ ...line }));
  for (let turn = 0; ; turn++) {
    const next = slots.toSorted((a, b) => a.freeInMs - b.freeInMs)[0] ?? { freeInMs: 0, serviceMs: 1 };
    if (turn === ahead) return next.freeInMs;
    next.freeInMs += next.serviceMs;
  }
}

describe('the start of a request', () => {
  test('is when a slot is left for it, as serving everybody before it shows', () => {
    const line = fc.record({ freeInMs: fc.nat(500), serviceMs: fc.integer({ min: 1, max: 500 }) });
    fc.assert(
      fc.property(fc.nat(60), fc.array(line, { minLength: 1, maxLength: 8 }), (ahead, lines) => {
        expect(Math.abs((startsInMs(ahead, lines) ?? 0) - simulate(ahead, lines))).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('is not known without slots', () => {
    expect(startsInMs(3, [])).toBeNull();
  });

  test('comes later, not never, when a request takes longer than usual', () => {
    expect([leftMs(100, 30), leftMs(100, 90), leftMs(100, 900)]).toEqual([70, 25, 225]);
  });
});

test('the error of forecasts is that of what began; what never began is forgotten', () => {
  const errors = new ForecastErrors();
  expect(errors.quality()).toEqual({ samples: 0, medianMs: null, p90Ms: null, biasMs: null });
  errors.expect('early', 100);
  errors.expect('late', 100);
  errors.expect('gone', 100);

  errors.began('early', 90);
  errors.began('late', 130);
  errors.began('unknown', 500);
  errors.retain(() => false);
  errors.began('gone', 900);

  expect(errors.quality()).toEqual({ samples: 2, medianMs: 30, p90Ms: 30, biasMs: 10 });
});
