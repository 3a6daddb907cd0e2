/** Names are found again exactly, however many there are. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { NameIndex } from './name-index.ts';

test('a name has the place at which it was added first', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 3 }), { maxLength: 150 }), (names) => {
      const index = new NameIndex();
      const places = new Map<string, number>();

      const answers = names.map((name) => index.add(name));

      const expected = names.map((name) => {
        const place = places.get(name) ?? null;
        if (place === null) places.set(name, places.size);
        return place;
      });
      expect(answers).toEqual(expected);
      expect(names.every((name) => index.has(name))).toBe(true);
      expect(index.has('a name that is not there')).toBe(false);
    }),
  );
});
