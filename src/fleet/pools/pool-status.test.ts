import { describe, expect, test } from 'vitest';

import { poolStatus, slotsOf } from './pool-status.ts';
import type { Member } from './pool-status.ts';

function member(changes: Partial<Member> = {}): Member {
  return {
    name: 'a',
    status: 'ready',
    health: 'healthy',
    draining: false,
    breaker: 'closed',
    slots: { busy: 0, total: 1 },
    isWanted: true,
    ...changes,
  };
}

describe('what is said of a pool', () => {
  test('ready when all that should serve do, or sleep; degraded when one does not', () => {
    expect(poolStatus([member(), member({ status: 'asleep' })])).toBe('ready');
    expect(poolStatus([member(), member({ status: 'failed' })])).toBe('degraded');
    expect(poolStatus([member(), member({ breaker: 'open' })])).toBe('degraded');
    expect(poolStatus([member(), member({ status: 'stopped', isWanted: false })])).toBe('ready');
  });

  test('loading while one comes, asleep while none is there that a request would not load, failed when nothing comes', () => {
    expect(poolStatus([member({ status: 'loading' }), member({ status: 'failed' })])).toBe('loading');
    expect(poolStatus([member({ status: 'asleep' }), member({ status: 'failed' })])).toBe('asleep');
    expect(poolStatus([])).toBe('asleep');
    expect(poolStatus([member({ status: 'failed' })])).toBe('failed');
  });

  test('draining when all that should serve take nothing new, stopped when none should', () => {
    expect(poolStatus([member({ draining: true })])).toBe('draining');
    expect(poolStatus([member({ isWanted: false, status: 'stopped' })])).toBe('stopped');
  });
});

test('its slots are those of the instances that are ready, what a drained one still runs among them', () => {
  const leaving = member({ draining: true, slots: { busy: 1, total: 4 } });
  const asleep = member({ status: 'asleep', slots: { busy: 0, total: 8 } });

  expect(slotsOf([leaving, member(), asleep])).toEqual({ busy: 1, total: 5 });
});
