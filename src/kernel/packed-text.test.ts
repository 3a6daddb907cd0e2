import { expect, test } from 'vitest';

import { packText, unpackText } from './packed-text.ts';

test('a short text is kept as it is', () => {
  expect(packText('{"a":1}')).toBe('{"a":1}');
  expect(unpackText('{"a":1}')).toBe('{"a":1}');
});

test('a long text is kept small and comes back as it was, letters of every alphabet included', () => {
  const text = JSON.stringify(
    Array.from({ length: 20_000 }, (_, at) => ({ name: `tâche ${at} 試験`, command: 'true' })),
  );

  const packed = packText(text);

  expect(packed.length).toBeLessThan(text.length / 5);
  expect(unpackText(packed)).toBe(text);
});
