import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { planAutostart } from './autostart-plan.ts';

const desired = new Map([
  ['a', 'running'],
  ['b', 'stopped'],
  ['c', 'running'],
  ['d', 'running'],
] as const);

describe('what comes up when a controller starts', () => {
  test('in the same boot: what is listed and was never started; the rest is kept by the agent', () => {
    expect(planAutostart({ listed: ['new', 'b', 'c'], desired, rebooted: false })).toEqual({
      bringUp: ['new'],
      hold: [],
    });
  });

  test('after a reboot: the list in its order, then the others that shall run, each held until its turn', () => {
    expect(planAutostart({ listed: ['new', 'd', 'b'], desired, rebooted: true })).toEqual({
      bringUp: ['new', 'd', 'a', 'c'],
      hold: ['d', 'a', 'c'],
    });
  });

  test('a name that is listed twice comes up once', () => {
    expect(planAutostart({ listed: ['x', 'x'], desired: new Map(), rebooted: true }).bringUp).toEqual(['x']);
  });

  test('what somebody stopped never comes up, and what shall run always does after a reboot', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    const states = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('running', 'stopped'));
    fc.assert(
      fc.property(names, states, fc.boolean(), (listed, stored, rebooted) => {
        const of = (state: string) => Object.keys(stored).filter((name) => stored[name] === state);
        const { bringUp, hold } = planAutostart({ listed, desired: new Map(Object.entries(stored)), rebooted });

        expect(of('stopped').filter((name) => bringUp.includes(name))).toEqual([]);
        expect(of('running').filter((name) => rebooted && !bringUp.includes(name))).toEqual([]);
        expect(hold.filter((name) => !bringUp.includes(name))).toEqual([]);
        expect(new Set(bringUp).size).toBe(bringUp.length);
      }),
    );
  });
});
