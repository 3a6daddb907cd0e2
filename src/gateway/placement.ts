/** Which instance takes a request: feasible ones first, then the least loaded, then by name. Pure, with its reasons. */

import type { InstanceStateName } from '../contract/index.ts';

export interface Candidate {
  readonly name: string;
  /** Null: declared, but no agent has reported it. */
  readonly state: InstanceStateName | null;
  /** Takes nothing new. */
  readonly drained: boolean;
  readonly contextSize: number;
  readonly slotsBusy: number;
  readonly slotsTotal: number;
  /** Its last call failed before an answer, and it has not reported since. */
  readonly suspect: boolean;
}

export interface PlacementAsk {
  /** Tokens that must fit; null when they are not known. */
  readonly contextTokens: number | null;
  /** Instances that have failed this request: taken only when no other is feasible. */
  readonly avoid: ReadonlySet<string>;
}

export type Verdict =
  | 'chosen'
  | 'more loaded'
  | 'failed this request'
  | 'not ready'
  | 'draining'
  | 'unreachable'
  | 'context too small'
  | 'no free slot';

export interface PlacementDecision {
  readonly chosen: string | null;
  readonly log: readonly { readonly instance: string; readonly verdict: Verdict }[];
}

export function place(ask: PlacementAsk, candidates: readonly Candidate[]): PlacementDecision {
  let best: Candidate | null = null;
  const log: { instance: string; verdict: Verdict; candidate: Candidate | null }[] = [];
  for (const candidate of candidates) {
    const obstacle = obstacleOf(ask, candidate);
    log.push({
      instance: candidate.name,
      verdict: obstacle ?? 'more loaded',
      candidate: obstacle === null ? candidate : null,
    });
    if (obstacle === null && (best === null || isBetter(ask, candidate, best))) best = candidate;
  }
  return {
    chosen: best?.name ?? null,
    log: log.map(({ instance, verdict, candidate }) => ({ instance, verdict: settle(ask, candidate, best, verdict) })),
  };
}

function obstacleOf(ask: PlacementAsk, candidate: Candidate): Verdict | null {
  if (candidate.drained || candidate.state === 'stopping') return 'draining';
  if (candidate.state !== 'ready') return 'not ready';
  if (candidate.suspect) return 'unreachable';
  if (ask.contextTokens !== null && ask.contextTokens >= candidate.contextSize) return 'context too small';
  return candidate.slotsBusy >= candidate.slotsTotal ? 'no free slot' : null;
}

function isBetter(ask: PlacementAsk, a: Candidate, b: Candidate): boolean {
  const [failedA, failedB] = [ask.avoid.has(a.name), ask.avoid.has(b.name)];
  if (failedA !== failedB) return failedB;
  const difference = a.slotsBusy * b.slotsTotal - b.slotsBusy * a.slotsTotal;
  return difference === 0 ? a.name < b.name : difference < 0;
}

function settle(ask: PlacementAsk, feasible: Candidate | null, best: Candidate | null, verdict: Verdict): Verdict {
  if (feasible === null) return verdict;
  if (feasible === best) return 'chosen';
  return ask.avoid.has(feasible.name) ? 'failed this request' : verdict;
}
