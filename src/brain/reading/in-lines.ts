/**
 * A reading as lines of JSON, for its way from one process to another: the answer without the nodes of its plan, then
 * some nodes a line. Who takes them has never more than a line to parse at a time, and turns to others in between.
 */

import type { CompiledNode } from '../../plans/index.ts';
import type { PlanReading, ReadingAnswer } from './read-plan.ts';

/** A line of so many takes a few milliseconds to parse. */
const NODES_PER_LINE = 500;

export function* linesOf(answer: ReadingAnswer): Generator<string> {
  if (answer.kind !== 'compiled') return yield JSON.stringify(answer);
  const { nodes } = answer.plan;
  const head: PlanReading = { ...answer, plan: { ...answer.plan, nodes: [] } };
  yield JSON.stringify(head);
  for (let start = 0; start < nodes.length; start += NODES_PER_LINE) {
    yield JSON.stringify(nodes.slice(start, start + NODES_PER_LINE));
  }
}

/** Trusts the lines to be those of `linesOf`; throws when there are none. */
export async function readingOf(lines: AsyncIterable<string>): Promise<ReadingAnswer> {
  let head: ReadingAnswer | null = null;
  const nodes: CompiledNode[] = [];
  for await (const line of lines) {
    if (head === null) head = JSON.parse(line) as ReadingAnswer;
    else for (const node of JSON.parse(line) as readonly CompiledNode[]) nodes.push(withShared(node));
  }
  if (head === null) throw new Error('a reading has a line at least');
  if (head.kind !== 'compiled') return head;
  return { ...head, plan: { ...head.plan, nodes } };
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
