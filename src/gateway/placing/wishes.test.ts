import { describe, expect, test } from 'vitest';

import type { Target } from '../types.ts';
import { laneMark, narrow, NO_WISH } from './wishes.ts';
import type { PlacementWish } from './wishes.ts';

const target: Target = {
  kind: 'model',
  name: 'demo',
  instances: ['a', 'b', 'c'].map((name) => ({
    name,
    desired: 'running',
    modelId: 'demo',
    aliases: [],
    drained: false,
    ephemeral: false,
  })),
};
const reports = new Map([
  ['a', { devices: ['gpu0'] }],
  ['b', { devices: ['gpu1'] }],
]);

function left(wish: Partial<PlacementWish>): string {
  const narrowed = narrow(target, { ...NO_WISH, ...wish }, reports);
  return narrowed.kind === 'possible' ? narrowed.target.instances.map(({ name }) => name).join('') : narrowed.reason;
}

describe('wishes of a request', () => {
  test('a pin leaves one instance, avoidance the others, a device those on it', () => {
    expect(left({})).toBe('abc');
    expect(left({ pin: 'b' })).toBe('b');
    expect(left({ avoid: ['b'] })).toBe('ac');
    expect(left({ device: 'gpu1' })).toBe('b');
  });

  test('a preference leaves the preferred ones alone, unless it allows others', () => {
    expect(left({ prefer: ['c', 'x'] })).toBe('c');
    expect(left({ prefer: ['c'], allowFallback: true })).toBe('abc');
  });

  test('what cannot be is told, never passed over', () => {
    expect(left({ pin: 'x' })).toContain('"x" is none of its instances');
    expect(left({ pin: 'a', avoid: ['a'] })).toContain('"a" is none of its instances, or is ruled out');
    expect(left({ avoid: ['a', 'b', 'c'] })).toContain('every instance of it is to be avoided');
    expect(left({ device: 'gpu7' })).toContain('none of its instances is on gpu7');
    expect(left({ prefer: ['x'] })).toContain('no other is allowed');
  });

  test('only requests that insist on the same wait in one lane', () => {
    expect(laneMark(NO_WISH)).toBe('');
    expect(laneMark({ ...NO_WISH, prefer: ['a'], allowFallback: true })).toBe('');
    expect(laneMark({ ...NO_WISH, pin: 'a' })).not.toBe(laneMark({ ...NO_WISH, pin: 'b' }));
  });
});
