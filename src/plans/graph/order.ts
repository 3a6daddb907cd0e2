/** Orders named nodes so that each comes after what it depends on, or finds a cycle. Knows nothing of tasks. */

export interface GraphNode {
  readonly name: string;
  /** Names of nodes that come before; none and unknown ones are ignored. */
  readonly after: readonly (string | undefined)[];
}

export type Ordering =
  /** Indexes into the nodes; ties keep their given order. */
  | { readonly kind: 'ordered'; readonly order: readonly number[] }
  /** The names along one cycle, the first repeated at the end. */
  | { readonly kind: 'cycle'; readonly path: readonly string[] };

export function orderOf(nodes: readonly GraphNode[]): Ordering {
  const indexes = new Map<string, number>();
  for (const [index, node] of nodes.entries()) indexes.set(node.name, index);
  const before = nodes.map((node) => indexesBefore(node, indexes));
  const order = kahn(before);
  if (order.length === nodes.length) return { kind: 'ordered', order };
  return { kind: 'cycle', path: cycleAmong(nodes, before, new Set(order)) };
}

/** Shared by the many nodes that wait for nothing, or that nothing waits for. */
const NONE: readonly never[] = [];
/** The index of what is no node. */
const NOBODY = -1;

function indexesBefore({ after }: GraphNode, indexes: ReadonlyMap<string, number>): readonly number[] {
  return after.length === 0 ? NONE : after.map((name) => (name === undefined ? NOBODY : (indexes.get(name) ?? NOBODY)));
}

function kahn(before: readonly (readonly number[])[]): number[] {
  const waiting = before.map(countKnown);
  const dependents = dependentsOf(before);
  const order = [...waiting.keys()].filter((index) => waiting[index] === 0);
  for (let head = 0; head < order.length; head += 1) {
    for (const dependent of dependents[order[head] ?? 0] ?? NONE) {
      const left = (waiting[dependent] ?? 0) - 1;
      waiting[dependent] = left;
      if (left === 0) order.push(dependent);
    }
  }
  return order;
}

function countKnown(indexes: readonly number[]): number {
  let count = 0;
  for (const index of indexes) if (index !== NOBODY) count += 1;
  return count;
}

function dependentsOf(before: readonly (readonly number[])[]): readonly (readonly number[] | undefined)[] {
  const dependents = before.map((): number[] | undefined => undefined);
  for (const [index, list] of before.entries()) {
    for (const earlier of list) {
      if (earlier === NOBODY) continue;
      const known = dependents[earlier];
      if (known === undefined) dependents[earlier] = [index];
      else known.push(index);
    }
  }
  return dependents;
}

/** Every node that could not be ordered waits for another such node: following them must come back somewhere. */
function cycleAmong(
  nodes: readonly GraphNode[],
  before: readonly (readonly number[])[],
  ordered: ReadonlySet<number>,
): string[] {
  const seen = new Map<number, number>();
  const walk: number[] = [];
  let current = nodes.findIndex((_, index) => !ordered.has(index));
  while (!seen.has(current)) {
    seen.set(current, walk.length);
    walk.push(current);
    current = before[current]?.find((index) => index !== NOBODY && !ordered.has(index)) ?? current;
  }
  const cycle = [...walk.slice(seen.get(current)), current].toReversed();
  return cycle.map((index) => nodes[index]?.name ?? '');
}
