import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { admit, retryAfter } from './admission.ts';

const even = (): number => 0.5;

describe('admission', () => {
  const limits = { queueLength: 2, queueFull: 'reject' } as const;
  const nobody = (): null => null;

  test('lets a request through when a slot is free and nobody waits', () => {
    expect(
      admit(
        'batch',
        { waiting: 0, slotsFree: () => 1, slotsTotal: () => 1, serviceMs: null, oldestBatch: nobody },
        limits,
        even,
      ),
    ).toEqual({
      kind: 'queued',
    });
  });

  test('puts it behind those that wait', () => {
    const picture = { waiting: 1, slotsFree: () => 0, slotsTotal: () => 1, serviceMs: null, oldestBatch: nobody };

    expect(admit('batch', picture, limits, even)).toEqual({ kind: 'queued' });
  });

  test('refuses it when the queue is full, and says when what waits is worked off', () => {
    const picture = { waiting: 2, slotsFree: () => 0, slotsTotal: () => 2, serviceMs: 10_000, oldestBatch: nobody };

    expect(admit('batch', picture, limits, even)).toEqual({
      kind: 'rejected',
      code: 'QUEUE_FULL',
      retryAfterMs: 11_000,
    });
  });

  test('gives the place of the oldest batch work to interactive work, where that is the policy', () => {
    const dropping = { ...limits, queueFull: 'drop-oldest-batch' } as const;
    const full = { waiting: 2, slotsFree: () => 0, slotsTotal: () => 2, serviceMs: 10_000, oldestBatch: () => 'old' };

    expect(admit('interactive', full, dropping, even)).toEqual({
      kind: 'displaces',
      victim: 'old',
      retryAfterMs: 11_000,
    });
    expect(admit('batch', full, dropping, even).kind).toBe('rejected');
    expect(admit('interactive', { ...full, oldestBatch: nobody }, dropping, even).kind).toBe('rejected');
    expect(admit('interactive', full, limits, even).kind).toBe('rejected');
  });

  test('never says less than a second nor more than ten minutes', () => {
    fc.assert(
      fc.property(fc.nat(1_000), fc.nat(100), fc.option(fc.nat(1e7)), (waiting, slotsTotal, serviceMs) => {
        const ms = retryAfter({ waiting, slotsTotal: () => slotsTotal, serviceMs }, even);
        expect(ms >= 1_000 && ms <= 600_000).toBe(true);
      }),
    );
  });
});
