import fc from 'fast-check';
import { expect, test } from 'vitest';

import { Heap } from './heap.ts';

test('items leave in their order, whatever was removed or has changed its rank before', () => {
  fc.assert(
    fc.property(fc.array(fc.record({ rank: fc.nat(50), fate: fc.constantFrom('stays', 'goes', 'moves') })), (given) => {
      const items = given.map((item) => ({ ...item }));
      const heap = new Heap<{ rank: number }>((a, b) => a.rank < b.rank);
      items.forEach((item) => heap.push(item));

      for (const item of items.filter(({ fate }) => fate === 'moves')) {
        item.rank = 50 - item.rank;
        heap.update(item);
      }
      for (const item of items.filter(({ fate }) => fate === 'goes')) heap.remove(item);

      const left: number[] = [];
      for (let next = heap.peek(); next !== undefined; next = heap.peek()) {
        left.push(next.rank);
        heap.remove(next);
      }
      const stayed = items.filter(({ fate }) => fate !== 'goes').map(({ rank }) => rank);
      expect(left).toEqual(stayed.toSorted((a, b) => a - b));
    }),
  );
});

test('what is not in it cannot be removed', () => {
  const heap = new Heap<{ rank: number }>((a, b) => a.rank < b.rank);
  heap.push({ rank: 1 });

  expect(heap.remove({ rank: 1 })).toBe(false);
  expect(heap.size).toBe(1);
});
