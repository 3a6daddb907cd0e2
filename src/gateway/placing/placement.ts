/**
 * Which instance takes a request: of the feasible ones those that have not failed it, then those it prefers, then the one
 * that has its prompt in its cache, then what the strategy says, then the first by name. Pure, with its reasons.
 */

import type { InstanceStateName } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Strategy } from '../limits.ts';
import type { Affinity } from './affinity.ts';
import type { Breaker } from './breaker.ts';
import { homeOf } from './rendezvous.ts';

export interface Candidate {
  readonly name: string;
  /** Null: declared, but no agent has reported it. */
  readonly state: InstanceStateName | null;
  /** Takes nothing new. */
  readonly drained: boolean;
  readonly contextSize: number;
  readonly slotsBusy: number;
  readonly slotsTotal: number;
  /** It could not be reached a moment ago, and has not reported since. */
  readonly suspect: boolean;
  readonly breaker: Breaker['kind'];
  /** It finishes what runs and then makes room for another model. */
  readonly leaving: boolean;
  /** Of its devices together, as last told. */
  readonly freeBytes: number;
  /** Rises with every slot given; 0: it has had none yet. */
  readonly lastGiven: number;
}

export interface PlacementAsk {
  /** Tokens that must fit; null when they are not known. */
  readonly contextTokens: number | null;
  /** Instances that have failed this request: taken only when no other is feasible. */
  readonly avoid: ReadonlySet<string>;
}

export interface PlacementQuestion extends PlacementAsk {
  /** Taken before the others. */
  readonly prefer: readonly string[];
  readonly affinity: Affinity;
  readonly strategy: Strategy;
}

type Verdict =
  | 'chosen'
  | 'more loaded'
  | 'less free memory'
  | 'had its turn later'
  | 'another has its prompt'
  | 'not preferred'
  | 'failed this request'
  | 'not ready'
  | 'draining'
  | 'making room'
  | 'unreachable'
  | 'failing'
  | 'on trial'
  | 'context too small'
  | 'no free slot';

export interface PlacementDecision {
  readonly chosen: string | null;
  readonly log: readonly { readonly instance: string; readonly verdict: Verdict }[];
}

export function place(ask: PlacementQuestion, candidates: readonly Candidate[]): PlacementDecision {
  const verdicts = new Map<Candidate, Verdict>();
  const isAnySound = candidates.some(isSound);
  for (const candidate of candidates) {
    const obstacle = obstacleOf(ask, candidate, isAnySound);
    if (obstacle !== null) verdicts.set(candidate, obstacle);
  }
  let left = candidates.filter((candidate) => !verdicts.has(candidate));
  for (const { isMeant, verdict } of siftsOf(ask)) left = sift(left, isMeant, verdict, verdicts);
  const chosen = nearest(ask, left, verdicts) ?? bestBy(ask.strategy, left, verdicts);
  if (chosen !== null) verdicts.set(chosen, 'chosen');
  const log = candidates.map((candidate) => ({
    instance: candidate.name,
    verdict: verdicts.get(candidate) ?? RANKED_BEHIND[ask.strategy],
  }));
  return { chosen: chosen?.name ?? null, log };
}

/** It would take a request, if not now then soon. */
function isSound({ state, drained, leaving, suspect, breaker }: Candidate): boolean {
  return state === 'ready' && !drained && !leaving && !suspect && breaker === 'closed';
}

/** Whether one that nothing speaks against has room for so many tokens, in a slot that may be taken just now. */
export function hasSound(candidates: readonly Candidate[], contextTokens: number | null): boolean {
  return candidates.some((candidate) => isSound(candidate) && holds(candidate, contextTokens));
}

function holds({ contextSize }: Candidate, tokens: number | null): boolean {
  return tokens === null || tokens < contextSize;
}

/** A breaker only steers: where nobody is sound it keeps nothing away. */
function obstacleOf(ask: PlacementAsk, candidate: Candidate, isAnySound: boolean): Verdict | null {
  const { drained, state, leaving, suspect, breaker, slotsBusy, slotsTotal } = candidate;
  if (drained || state === 'stopping') return 'draining';
  if (state !== 'ready') return 'not ready';
  if (leaving) return 'making room';
  if (suspect) return 'unreachable';
  if (breaker === 'open' && isAnySound) return 'failing';
  if (breaker === 'half-open' && isAnySound && slotsBusy > 0) return 'on trial';
  if (!holds(candidate, ask.contextTokens)) return 'context too small';
  return slotsBusy >= slotsTotal ? 'no free slot' : null;
}

interface Sift {
  readonly isMeant: (candidate: Candidate) => boolean;
  /** Of those that fall through. */
  readonly verdict: Verdict;
}

function siftsOf(ask: PlacementQuestion): readonly Sift[] {
  const sifts: Sift[] = [];
  if (ask.avoid.size > 0) sifts.push({ isMeant: ({ name }) => !ask.avoid.has(name), verdict: 'failed this request' });
  if (ask.prefer.length > 0) sifts.push({ isMeant: ({ name }) => ask.prefer.includes(name), verdict: 'not preferred' });
  return sifts;
}

/** All of them when none is meant. */
function sift(
  left: readonly Candidate[],
  isMeant: Sift['isMeant'],
  verdict: Verdict,
  verdicts: Map<Candidate, Verdict>,
): Candidate[] {
  const meant = left.filter(isMeant);
  if (meant.length === 0) return [...left];
  for (const candidate of left) if (!meant.includes(candidate)) verdicts.set(candidate, verdict);
  return meant;
}

/**
 * The home of the conversation among those that are left. The load of each is bounded by its slots: a home that has none
 * free is passed over, and the next one is the same for every request of the conversation.
 */
function nearest(
  { affinity }: PlacementQuestion,
  left: readonly Candidate[],
  verdicts: Map<Candidate, Verdict>,
): Candidate | null {
  const key = left.length < 2 ? null : affinity();
  if (key === null) return null;
  for (const candidate of left) verdicts.set(candidate, 'another has its prompt');
  return homeOf(key, left);
}

function bestBy(strategy: Strategy, left: readonly Candidate[], verdicts: Map<Candidate, Verdict>): Candidate | null {
  for (const candidate of left) verdicts.set(candidate, RANKED_BEHIND[strategy]);
  return first(left, (a, b) => compareBy(strategy, a, b));
}

/** Equals go by name. */
function first(left: readonly Candidate[], compare: (a: Candidate, b: Candidate) => number): Candidate | null {
  let best: Candidate | null = null;
  for (const candidate of left) {
    const difference = best === null ? -1 : compare(candidate, best);
    if (best === null || difference < 0 || (difference === 0 && candidate.name < best.name)) best = candidate;
  }
  return best;
}

const RANKED_BEHIND = {
  'least-loaded': 'more loaded',
  'most-free-memory': 'less free memory',
  'round-robin': 'had its turn later',
} as const satisfies Record<Strategy, Verdict>;

function compareBy(strategy: Strategy, a: Candidate, b: Candidate): number {
  switch (strategy) {
    case 'least-loaded':
      return a.slotsBusy * b.slotsTotal - b.slotsBusy * a.slotsTotal;
    case 'most-free-memory':
      return b.freeBytes - a.freeBytes;
    case 'round-robin':
      return a.lastGiven - b.lastGiven;
    default:
      return assertNever(strategy);
  }
}
