/** Orderings respect every edge, and a cycle is one that exists. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { orderOf } from './order.ts';
import type { GraphNode } from './order.ts';

const graph = fc.integer({ min: 0, max: 25 }).chain((size) =>
  fc
    .array(fc.uniqueArray(fc.integer({ min: 0, max: size + 1 }), { maxLength: 4 }), {
      minLength: size,
      maxLength: size,
    })
    .map((lists): GraphNode[] =>
      lists.map((list, index) => ({ name: `n${index}`, after: list.map((other) => `n${other}`) })),
    ),
);

test('every node comes after what it depends on, or a real cycle is named', () => {
  fc.assert(
    fc.property(graph, (nodes) => {
      const ordering = orderOf(nodes);
      const edges = new Set(nodes.flatMap(({ name, after }) => after.map((other) => `${other} ${name}`)));

      const holds = ordering.kind === 'ordered' ? respects(ordering.order, nodes) : isCycle(ordering.path, edges);

      expect(holds).toBe(true);
    }),
  );
});

function respects(order: readonly number[], nodes: readonly GraphNode[]): boolean {
  const place = new Map(order.map((index, at) => [nodes[index]?.name, at]));
  const complete = order.length === nodes.length && place.size === nodes.length;
  const isAfter = (name: string, other = '') => !place.has(other) || (place.get(other) ?? 0) < (place.get(name) ?? 0);
  return complete && nodes.every(({ name, after }) => after.every((other) => isAfter(name, other)));
}

function isCycle(path: readonly string[], edges: ReadonlySet<string>): boolean {
  const steps = path.slice(1).map((name, index) => `${path[index]} ${name}`);
  return path.length > 1 && path[0] === path.at(-1) && steps.every((step) => edges.has(step));
}
