/**
 * Goal-driven plans: candidates are tried one by one until enough are accepted. Which templates take part, and how many
 * further candidates are wanted now. It computes only; `refill.ts` makes the rows.
 */

import type { CompiledPlan } from '../../plans/index.ts';
import type { BatchGoal } from '../../store/index.ts';

export interface Goal {
  readonly target: number;
  /** How many fewer will do when there is nothing left to try. */
  readonly tolerance: number;
  /** No more candidates are tried. */
  readonly maxTried: number;
  /** The template whose successes are the accepted candidates. */
  readonly tracked: string;
  /** Templates whose items the tracked ones pair with, directly or through others: made as those want them. */
  readonly sources: ReadonlySet<string>;
  /** Templates that pair with any of these: they get what is tried, and no more. */
  readonly followers: ReadonlySet<string>;
}

/** How far the tracked template has come. */
interface GoalProgress {
  /** Candidates in the list. */
  readonly listed: number;
  readonly tried: number;
  readonly ended: number;
  readonly accepted: number;
}

type GoalVerdict =
  | { readonly kind: 'try'; readonly count: number }
  /** What is in flight decides. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'reached'; readonly note: string }
  | { readonly kind: 'exhausted'; readonly reason: string };

/** Accepted and in flight together never pass the target, nor what is tried its limit. */
export function judgeGoal(goal: Goal, { listed, tried, ended, accepted }: GoalProgress): GoalVerdict {
  const inFlight = tried - ended;
  const left = Math.min(listed, goal.maxTried) - tried;
  const count = Math.min(goal.target - accepted - inFlight, left);
  if (count > 0) return { kind: 'try', count };
  if (inFlight > 0) return { kind: 'wait' };
  const came = `${accepted} of ${goal.target} accepted after ${tried} candidates`;
  if (accepted >= goal.target - goal.tolerance) return { kind: 'reached', note: came };
  const why = tried < goal.maxTried ? 'the list has no more' : `${goal.maxTried} is the limit`;
  return { kind: 'exhausted', reason: `the goal was not reached: ${came}, and ${why}` };
}

/** Null for a plan without a goal. */
export function goalOf(plan: CompiledPlan): Goal | null {
  const { goal } = plan;
  if (goal === undefined) return null;
  const { target, tolerance, trackedTask: tracked, maxAttemptsMultiplier } = goal;
  const pairs = pairsOf(plan);
  const sources = reach([tracked], (name) => pairs.filter(({ child }) => child === name).map(({ parent }) => parent));
  const inner = [tracked, ...sources];
  const followers = reach(inner, (name) => pairs.filter(({ parent }) => parent === name).map(({ child }) => child));
  return { target, tolerance, maxTried: Math.floor(target * maxAttemptsMultiplier), tracked, sources, followers };
}

/** What is kept with the batch, for its counts. */
export function goalToStore(plan: CompiledPlan): BatchGoal | undefined {
  const goal = goalOf(plan);
  if (goal === null) return undefined;
  const { target, tracked, sources, followers } = goal;
  return { target, tracked, sources: [...sources], followers: [...followers] };
}

interface Pair {
  readonly parent: string;
  readonly child: string;
}

/** Templates whose items wait for items of another. */
function pairsOf({ nodes }: CompiledPlan): Pair[] {
  return nodes.flatMap(({ name, deps }) =>
    deps.flatMap(({ on, perItem }) => (perItem === undefined ? [] : [{ parent: on, child: name }])),
  );
}

/** All that can be reached from the names, without themselves. */
function reach(from: readonly string[], next: (name: string) => readonly string[]): Set<string> {
  const found = new Set<string>();
  const open = [...from];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    for (const other of next(name)) {
      if (from.includes(other) || found.has(other)) continue;
      found.add(other);
      open.push(other);
    }
  }
  return found;
}
