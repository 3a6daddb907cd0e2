/**
 * A reading as lines of JSON, for its way from one process to another: the answer without the nodes of its plan, then
 * some nodes a line. Who takes them has never more than a line to parse at a time, and turns to others in between.
 */

import type { CompiledNode, CompiledPlan } from '../../plans/index.ts';
import type { PlanReading, ReadingAnswer } from './read-plan.ts';

/** A line of so many takes a few milliseconds to parse. */
const NODES_PER_LINE = 500;

/** In place of the nodes; nothing else of a plan can look so, since quotes within texts are escaped. */
const NO_NODES = '"nodes":[]';

type Head = Exclude<ReadingAnswer, PlanReading> | Omit<PlanReading, 'compiled'>;

export function* linesOf(answer: ReadingAnswer): Generator<string> {
  if (answer.kind !== 'compiled') return yield JSON.stringify(answer);
  const { kind, plan, digest } = answer;
  const { nodes } = plan;
  const head: Head = { kind, plan: { ...plan, nodes: [] }, digest };
  yield JSON.stringify(head);
  for (let start = 0; start < nodes.length; start += NODES_PER_LINE) {
    yield JSON.stringify(nodes.slice(start, start + NODES_PER_LINE));
  }
}

/** Trusts the lines to be those of `linesOf`; throws when there are none. */
export async function readingOf(lines: AsyncIterable<string>): Promise<ReadingAnswer> {
  let head: Head | null = null;
  const nodes: CompiledNode[] = [];
  const texts: string[] = [];
  for await (const line of lines) {
    if (head === null) head = JSON.parse(line) as Head;
    else {
      for (const node of JSON.parse(line) as readonly CompiledNode[]) nodes.push(withShared(node));
      texts.push(line.slice(1, -1));
    }
  }
  if (head === null) throw new Error('a reading has a line at least');
  if (head.kind !== 'compiled') return head;
  const { plan, digest } = head;
  const [before = '', after = ''] = JSON.stringify(plan).split(NO_NODES);
  const compiled = `${before}"nodes":[${texts.join(',')}]${after}`;
  return { kind: 'compiled', plan: { ...plan, nodes } satisfies CompiledPlan, compiled, digest };
}

const NONE: readonly never[] = [];
const EMPTY: CompiledNode['env'] = {};

/** Most nodes of a large plan have nothing in most of their lists: one empty list serves them all. */
function withShared(node: CompiledNode): CompiledNode {
  const { deps, env, requires, produces } = node;
  return Object.assign(node, {
    deps: deps.length === 0 ? NONE : deps,
    env: Object.keys(env).length === 0 ? EMPTY : env,
    requires: requires.length === 0 ? NONE : requires,
    produces: produces.length === 0 ? NONE : produces,
  });
}
