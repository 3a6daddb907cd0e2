import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { SlotTable } from './slots.ts';
import type { SlotHold } from './slots.ts';

describe('slots', () => {
  test('are given until none is left, and again after a release', () => {
    const slots = new SlotTable();
    slots.setInstance('a', 'process 1', 1);

    const hold = slots.hold('a');

    expect(hold).not.toBeNull();
    expect(slots.hold('a')).toBeNull();
    expect(hold && slots.release(hold)).toBe(true);
    expect(slots.hold('a')).not.toBeNull();
  });

  test('are released once: a second release of the same hold frees nothing', () => {
    const slots = new SlotTable();
    slots.setInstance('a', 'process 1', 2);
    const [first, second] = [slots.hold('a'), slots.hold('a')];

    const released = [first, first].map((hold) => hold !== null && slots.release(hold));

    expect(released).toEqual([true, false]);
    expect(slots.busy('a')).toBe(1);
    expect(second && slots.isHeld(second)).toBe(true);
  });

  test('of a process that was replaced count no more', () => {
    const slots = new SlotTable();
    slots.setInstance('a', 'process 1', 1);
    const old = slots.hold('a');
    slots.setInstance('a', 'process 2', 1);

    const fresh = slots.hold('a');

    expect(old && slots.isHeld(old)).toBe(false);
    expect(old && slots.release(old)).toBe(false);
    expect(fresh && slots.isHeld(fresh)).toBe(true);
  });

  test('are never given beyond their number, in any history', () => {
    const command = fc.oneof(
      fc.record({ kind: fc.constant('hold' as const) }),
      fc.record({ kind: fc.constant('release' as const), pick: fc.nat(20) }),
      fc.record({ kind: fc.constant('restart' as const), total: fc.integer({ min: 0, max: 4 }) }),
      fc.record({ kind: fc.constant('gone' as const) }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
        const slots = new SlotTable();
        const holds: SlotHold[] = [];
        for (const [index, one] of commands.entries()) {
          if (one.kind === 'hold') holds.push(...[slots.hold('a')].filter((hold) => hold !== null));
          if (one.kind === 'release' && holds[one.pick] !== undefined) slots.release(holds[one.pick] as SlotHold); // just looked at
          if (one.kind === 'restart') slots.setInstance('a', `process ${index}`, one.total);
          if (one.kind === 'gone') slots.removeInstance('a');
          expect(slots.busy('a')).toBeLessThanOrEqual(slots.total('a'));
          expect(holds.filter((hold) => slots.isHeld(hold)).length).toBe(slots.busy('a'));
        }
      }),
    );
  });
});
