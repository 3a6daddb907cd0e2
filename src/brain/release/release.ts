/**
 * What the end of tasks means for those that depend on them: who becomes ready, who can never run, and how a template
 * ends with its items. It computes only; the caller applies the answer and asks again until nobody else ends.
 */

import { groupBy } from '../../kernel/index.ts';
import type { CompiledNode } from '../../plans/index.ts';
import type { EndState } from '../tasks/task-state.ts';

/**
 * `success`: the parent must succeed. `done`: it must have ended, either way. `failed`: it must have failed, by itself
 * or through what it depended on. `expanded`: the parent is a template whose items must exist.
 */
export type EdgeCondition = 'success' | 'done' | 'failed' | 'expanded';

type EdgeVerdict =
  | { readonly kind: 'met' }
  | { readonly kind: 'abort'; readonly because: string }
  | { readonly kind: 'skip'; readonly because: string };

const MET: EdgeVerdict = { kind: 'met' };

/** What one ended parent says to one child. */
export function judgeEdge(condition: EdgeCondition, parent: string, ended: EndState): EdgeVerdict {
  if (condition === 'done') return MET;
  if (condition === 'failed') {
    return ended === 'failed' || ended === 'aborted' ? MET : { kind: 'skip', because: `${parent} did not fail` };
  }
  if (ended === 'succeeded') return MET;
  return ended === 'skipped'
    ? { kind: 'skip', because: `${parent} was skipped` }
    : { kind: 'abort', because: `${parent} ${ended === 'failed' ? 'failed' : `was ${ended}`}` };
}

/** An edge from a task that has ended to a child that still waits. */
export interface EndedEdge {
  readonly parentName: string;
  readonly ended: EndState;
  readonly condition: EdgeCondition;
  readonly childId: number;
  /** Unmet edges of the child before these ones. */
  readonly childPending: number;
}

export type ChildVerdict =
  | { readonly kind: 'waits'; readonly childId: number; readonly pending: number }
  | { readonly kind: 'released'; readonly childId: number }
  | { readonly kind: 'aborted' | 'skipped'; readonly childId: number; readonly because: string };

/** One verdict per child. A child that any parent aborts is aborted; else skipped if any skips it. */
export function release(edges: readonly EndedEdge[]): ChildVerdict[] {
  return [...groupBy(edges, ({ childId }) => childId).values()].map(judgeChild);
}

function judgeChild(edges: readonly EndedEdge[]): ChildVerdict {
  const [first] = edges;
  if (!first) throw new Error('a child is judged by at least one edge');
  const { childId, childPending } = first;
  const verdicts = edges.map((edge) => judgeEdge(edge.condition, edge.parentName, edge.ended));
  const aborted = verdicts.find((verdict) => verdict.kind === 'abort');
  if (aborted) return { kind: 'aborted', childId, because: aborted.because };
  const skipped = verdicts.find((verdict) => verdict.kind === 'skip');
  if (skipped) return { kind: 'skipped', childId, because: skipped.because };
  const pending = childPending - edges.length;
  return pending === 0 ? { kind: 'released', childId } : { kind: 'waits', childId, pending };
}

/** Items of a template that have ended, of all that its list has. */
interface Barrier {
  readonly itemsTotal: number;
  readonly remaining: number;
  readonly itemsFailed: number;
  /** So many may fail. */
  readonly tolerated: number;
}

/** How many items of a list may fail without failing their template. */
export function toleratedOf(node: Pick<CompiledNode, 'tolerance'> | undefined, itemsTotal: number): number {
  const tolerance = node?.tolerance;
  if (tolerance === undefined) return 0;
  return tolerance.kind === 'count' ? tolerance.count : Math.floor((itemsTotal * tolerance.percent) / 100);
}

export type BarrierVerdict =
  | { readonly kind: 'open' }
  | { readonly kind: 'succeeded'; readonly note: string | null }
  | { readonly kind: 'failed'; readonly reason: string };

/** A template ends with its last item, and fails when more items than it tolerates did not get done. */
export function judgeBarrier({ itemsTotal, remaining, itemsFailed, tolerated }: Barrier): BarrierVerdict {
  if (remaining > 0) return { kind: 'open' };
  const undone = `${itemsFailed} of ${itemsTotal} items did not succeed`;
  if (itemsFailed > tolerated) {
    return { kind: 'failed', reason: tolerated === 0 ? undone : `${undone}; ${tolerated} are tolerated` };
  }
  return { kind: 'succeeded', note: itemsFailed === 0 ? null : `${undone}, which is tolerated` };
}

/** True for an end that makes a template fail and a batch not succeed. */
export function isUndone(ended: EndState): boolean {
  return ended === 'failed' || ended === 'aborted' || ended === 'cancelled';
}

/** Rows that exist at once for a long list. */
export const WINDOW = 512;

/** How many further items to make rows of now: the window is refilled when half of it has ended. */
export function itemsToMaterialise(list: {
  readonly total: number;
  readonly nextIndex: number;
  readonly remaining: number;
}): number {
  const outstanding = list.nextIndex - (list.total - list.remaining);
  if (outstanding > WINDOW / 2) return 0;
  return Math.min(list.total - list.nextIndex, WINDOW - outstanding);
}
