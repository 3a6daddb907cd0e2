/**
 * Places boxes in layers, each below all that it waits for, with few crossings and short arrows: longest-path layers,
 * barycentre sweeps for the order, least squares for the places. Knows sizes and names; nothing of tasks. Pure.
 */

interface Item {
  readonly id: string;
  readonly width: number;
}

interface Link {
  readonly from: string;
  readonly to: string;
}

export interface Point {
  readonly x: number;
  readonly layer: number;
}

export interface Layout {
  /** The centre of each item. */
  readonly places: ReadonlyMap<string, Point>;
  /** For each link the points between its ends, one a layer. */
  readonly bends: readonly (readonly Point[])[];
  readonly width: number;
  readonly layers: number;
}

const GAP = 36;
/** Room that an arrow takes where it passes a layer. */
const LANE = 14;
const SWEEPS = 8;

interface Node {
  readonly width: number;
  readonly layer: number;
  readonly above: number[];
  readonly below: number[];
  x: number;
}

/** Links must not go round in circles; those between unknown items are left out, with no bends. */
export function layOut(items: readonly Item[], links: readonly Link[]): Layout {
  const indexes = new Map(items.map(({ id }, index) => [id, index]));
  const ends = links.map(({ from, to }) => [indexes.get(from) ?? -1, indexes.get(to) ?? -1] as const);
  const ranks = ranksOf(items.length, ends);
  const nodes: Node[] = items.map(({ width }, index) => ({
    width,
    layer: ranks[index] ?? 0,
    above: [],
    below: [],
    x: 0,
  }));
  const lanes = ends.map(([from, to]) => (from < 0 || to < 0 ? [] : addLanes(nodes, from, to)));
  const layers = inLayers(nodes);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) sortLayers(nodes, layers, sweep % 2 === 0);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) placeLayers(nodes, layers, sweep % 2 === 0);
  return shifted(items, nodes, lanes, layers.length);
}

/** The longest way from a start. */
function ranksOf(count: number, ends: readonly (readonly [number, number])[]): number[] {
  const ranks = Array.from({ length: count }, () => 0);
  // As often as the longest way has links, and no more should somebody go round in circles.
  for (let round = 0, moved = true; moved && round <= count; round += 1) {
    moved = false;
    for (const [from, to] of ends) {
      const least = (ranks[from] ?? 0) + 1;
      if (from < 0 || to < 0 || (ranks[to] ?? 0) >= least) continue;
      ranks[to] = least;
      moved = true;
    }
  }
  return ranks;
}

/** A thin node in every layer that a link passes; answers them from top to bottom. */
function addLanes(nodes: Node[], from: number, to: number): number[] {
  const lanes: number[] = [];
  let before = from;
  for (let layer = (nodes[from]?.layer ?? 0) + 1; layer < (nodes[to]?.layer ?? 0); layer += 1) {
    const lane = nodes.push({ width: LANE, layer, above: [], below: [], x: 0 }) - 1;
    join(nodes, before, lane);
    lanes.push(lane);
    before = lane;
  }
  join(nodes, before, to);
  return lanes;
}

function join(nodes: readonly Node[], upper: number, lower: number): void {
  nodes[upper]?.below.push(lower);
  nodes[lower]?.above.push(upper);
}

function inLayers(nodes: readonly Node[]): number[][] {
  const layers: number[][] = [];
  nodes.forEach(({ layer }, index) => {
    while (layers.length <= layer) layers.push([]);
    layers[layer]?.push(index);
  });
  return layers;
}

function sortLayers(nodes: readonly Node[], layers: number[][], down: boolean): void {
  const rankIn = new Map(layers.flatMap((layer) => layer.map((node, at) => [node, at] as const)));
  const ordered = down ? layers.slice(1) : layers.slice(0, -1).toReversed();
  for (const layer of ordered) {
    const wanted = new Map(layer.map((node, at) => [node, meanOf(neighbours(nodes, node, down), rankIn) ?? at]));
    layer.sort((a, b) => (wanted.get(a) ?? 0) - (wanted.get(b) ?? 0));
    layer.forEach((node, at) => rankIn.set(node, at));
  }
}

function placeLayers(nodes: readonly Node[], layers: readonly (readonly number[])[], down: boolean): void {
  const places = new Map(nodes.map(({ x }, index) => [index, x]));
  for (const layer of down ? layers : layers.toReversed()) {
    const offsets = offsetsOf(nodes, layer);
    const wanted = layer.map(
      (node, at) => (meanOf(neighbours(nodes, node, down), places) ?? places.get(node) ?? 0) - (offsets[at] ?? 0),
    );
    nearestRising(wanted).forEach((x, at) => {
      const node = nodes[layer[at] ?? -1];
      if (node === undefined) return;
      node.x = x + (offsets[at] ?? 0);
      places.set(layer[at] ?? -1, node.x);
    });
  }
}

function neighbours(nodes: readonly Node[], node: number, down: boolean): readonly number[] {
  return (down ? nodes[node]?.above : nodes[node]?.below) ?? [];
}

function meanOf(indexes: readonly number[], values: ReadonlyMap<number, number>): number | undefined {
  if (indexes.length === 0) return undefined;
  return indexes.reduce((sum, index) => sum + (values.get(index) ?? 0), 0) / indexes.length;
}

/** How far right of the first each must be at least. */
function offsetsOf(nodes: readonly Node[], layer: readonly number[]): number[] {
  let at = 0;
  return layer.map((node, index) => {
    const before = nodes[layer[index - 1] ?? -1];
    const width = nodes[node]?.width ?? 0;
    if (before !== undefined) at += (before.width + width) / 2 + GAP;
    return at;
  });
}

/** The numbers that never fall and lie nearest to the given ones, in least squares: neighbours that would cross share a mean. */
export function nearestRising(wanted: readonly number[]): number[] {
  const pools: { sum: number; count: number }[] = [];
  for (const value of wanted) {
    let pool = { sum: value, count: 1 };
    for (
      let last = pools.at(-1);
      last !== undefined && last.sum / last.count > pool.sum / pool.count;
      last = pools.at(-1)
    ) {
      pool = { sum: last.sum + pool.sum, count: last.count + pool.count };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
}

/** With the leftmost edge at zero. */
function shifted(
  items: readonly Item[],
  nodes: readonly Node[],
  lanes: readonly (readonly number[])[],
  layers: number,
): Layout {
  const left = Math.min(0, ...nodes.map(({ x, width }) => x - width / 2));
  const right = Math.max(0, ...nodes.map(({ x, width }) => x + width / 2));
  const pointOf = (index: number): Point => ({ x: (nodes[index]?.x ?? 0) - left, layer: nodes[index]?.layer ?? 0 });
  return {
    places: new Map(items.map(({ id }, index) => [id, pointOf(index)])),
    bends: lanes.map((lane) => lane.map(pointOf)),
    width: right - left,
    layers,
  };
}
