import { expect, test } from 'vitest';

import { createKeptBodies } from './kept-bodies.ts';

test('nothing is kept unless it is switched on, and what was kept goes when it is switched off', () => {
  let on = false;
  const bodies = createKeptBodies(() => on);
  expect(bodies.begin('a', Buffer.from('x'))).toBeNull();
  on = true;
  bodies.begin('b', Buffer.from('x'));
  expect(bodies.of('b')).not.toBeNull();

  on = false;

  expect(bodies.of('b')).toBeNull();
});

test('the pieces of an answer are put together and redacted, whatever the cuts', () => {
  const bodies = createKeptBodies(() => true);
  const take = bodies.begin('a', Buffer.from('{"password":"p"}'));

  take?.(Buffer.from('see sk-abcdef'));
  take?.('ghijklmnopqrs ok');

  expect(bodies.of('a')).toEqual({
    request: { text: '{"password":"[redacted]"}', bytes: 16 },
    response: { text: 'see [redacted] ok', bytes: 29 },
  });
});

test('of a long body the beginning is kept, and of many requests the latest hundred', () => {
  const bodies = createKeptBodies(() => true);
  for (let index = 0; index < 101; index++) bodies.begin(`r${index}`, Buffer.alloc(100_000, 'x'));

  expect(bodies.of('r0')).toBeNull();
  expect(bodies.of('r100')?.request.bytes).toBe(100_000);
  expect(bodies.of('r100')?.request.text.length).toBe(65_536);
});
