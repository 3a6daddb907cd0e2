import fc from 'fast-check';
import { expect, test } from 'vitest';

import { createStopFilter } from './stop-filter.ts';

test('text before a stop string passes, the stop string never', () => {
  const filter = createStopFilter(['STOP']);

  expect(filter.push('abc ST')).toEqual({ text: 'abc ', stoppedBy: null });
  expect(filter.push('OP def')).toEqual({ text: '', stoppedBy: 'STOP' });
});

test('what only looked like a stop string is let through', () => {
  const filter = createStopFilter(['STOP']);

  expect(filter.push('ST').text).toBe('');
  expect(filter.push('AY').text).toBe('STAY');
});

test('the earliest of several stop strings wins', () => {
  const filter = createStopFilter(['zz', 'b']);

  expect(filter.push('abzz')).toEqual({ text: 'a', stoppedBy: 'b' });
});

test('what is held back at the end is given out', () => {
  const filter = createStopFilter(['\n\n']);

  filter.push('end\n');

  expect(filter.flush()).toBe('\n');
});

test('however text is cut into pieces, the same text passes', () => {
  const pieces = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 4 }), { maxLength: 12 });
  const stops = fc.array(fc.string({ unit: fc.constantFrom('a', 'b', 'c'), minLength: 1, maxLength: 3 }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(pieces, stops, (parts, words) => {
      const whole = parts.join('');
      const first = Math.min(...words.map((word) => whole.indexOf(word)).filter((at) => at >= 0), whole.length);

      const filter = createStopFilter(words);
      let passed = '';
      let stopped = false;
      for (const part of parts) {
        if (stopped) continue;
        const { text, stoppedBy } = filter.push(part);
        passed += text;
        stopped = stoppedBy !== null;
      }
      if (!stopped) passed += filter.flush();

      // With several stop strings the one that is complete first wins, which may begin after another's start.
      expect(whole.startsWith(passed)).toBe(true);
      expect(words.some((word) => passed.includes(word))).toBe(false);
      expect(words.length > 1 ? 0 : first - passed.length).toBe(0);
    }),
  );
});
