import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { planAutostart } from './autostart-plan.ts';
import type { DeclaredBefore } from './autostart-plan.ts';

function before(name: string, changes: Partial<DeclaredBefore> = {}): DeclaredBefore {
  return { name, desired: 'running', ephemeral: false, asleep: false, ...changes };
}

const declared = [before('a'), before('b', { desired: 'stopped' }), before('c'), before('d')];

describe('what comes up when a controller starts', () => {
  test('in the same boot: what is listed and was never started; the rest is kept by the agent', () => {
    expect(planAutostart({ listed: ['new', 'b', 'c'], declared, rebooted: false })).toEqual({
      bringUp: ['new'],
      hold: [],
      dismiss: [],
    });
  });

  test('after a reboot: the list in its order, then the others that shall run, each held until its turn', () => {
    expect(planAutostart({ listed: ['new', 'd', 'b'], declared, rebooted: true })).toEqual({
      bringUp: ['new', 'd', 'a', 'c'],
      hold: ['d', 'a', 'c'],
      dismiss: [],
    });
  });

  test('after a reboot what slept sleeps on, listed or not, and what was made for requests is not made again', () => {
    const instances = [before('a', { asleep: true }), before('b', { ephemeral: true }), before('c', { asleep: true })];

    expect(planAutostart({ listed: ['c', 'new'], declared: instances, rebooted: true })).toEqual({
      bringUp: ['new'],
      hold: [],
      dismiss: ['b'],
    });
  });

  test('a name that is listed twice comes up once', () => {
    expect(planAutostart({ listed: ['x', 'x'], declared: [], rebooted: true }).bringUp).toEqual(['x']);
  });

  test('what somebody stopped never comes up, and what shall run always does after a reboot', () => {
    const names = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e'));
    const states = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.constantFrom('running', 'stopped'));
    fc.assert(
      fc.property(names, states, fc.boolean(), (listed, stored, rebooted) => {
        const of = (state: string) => Object.keys(stored).filter((name) => stored[name] === state);
        const instances = Object.entries(stored).map(([name, desired]) => before(name, { desired }));
        const { bringUp, hold } = planAutostart({ listed, declared: instances, rebooted });

        expect(of('stopped').filter((name) => bringUp.includes(name))).toEqual([]);
        expect(of('running').filter((name) => rebooted && !bringUp.includes(name))).toEqual([]);
        expect(hold.filter((name) => !bringUp.includes(name))).toEqual([]);
        expect(new Set(bringUp).size).toBe(bringUp.length);
      }),
    );
  });
});
