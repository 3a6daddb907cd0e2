import { expect, test } from 'vitest';

import type { KeyRecord } from '../store/index.ts';
import { mayTouch } from './actor.ts';
import type { Actor } from './actor.ts';

function key(...scopes: KeyRecord['scopes']): Actor {
  return { kind: 'key', key: { id: 'a', scopes } as unknown as KeyRecord }; // all else does not matter here
}

test('a key touches its own, one of scope manage everything, the token of a task nothing', () => {
  expect([mayTouch(key('inference'), 'key:a'), mayTouch(key('inference'), 'key:b')]).toEqual([true, false]);
  expect([mayTouch(key('read'), 'operator'), mayTouch(key('manage'), 'key:b')]).toEqual([false, true]);
  expect(mayTouch({ kind: 'task' }, 'plans')).toBe(false);
  expect([mayTouch({ kind: 'operator' }, 'key:b'), mayTouch({ kind: 'anonymous' }, 'operator')]).toEqual([true, true]);
});
