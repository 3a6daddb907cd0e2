/** A request of a holder from the moment it is understood: let in, served, and counted by what it used in the end. */

import type { AppError } from '../../contract/errors.ts';
import type { Holder, Holders } from '../door/holders.ts';
import type { RequestLife } from '../inspect/request-book.ts';
import { isEnded, NO_USAGE } from '../inspect/request-state.ts';
import type { PlacementHints } from '../placing/placement-hints.ts';
import type { ClientCall } from '../protocols/call.ts';
import { estimateCost, estimateUsage } from '../queue/fairness.ts';
import type { HeldSlot } from '../slots/held-slots.ts';
import type { RunningRequests } from './running-requests.ts';
import { serve } from './serve.ts';
import type { ReplySink } from './ending.ts';
import type { ServeDeps } from './serve.ts';

export interface RelayDeps extends ServeDeps {
  readonly holders: Holders;
  readonly running: RunningRequests;
}

export interface Relayed {
  readonly life: RequestLife;
  readonly call: Pick<ClientCall, 'wire' | 'forEngine' | 'maxTokens'>;
  readonly bodyBytes: number;
  /** Null: nobody's limits count. */
  readonly holder: Holder | null;
  /** The caller's own limit; null: the gateway's. */
  readonly deadlineMs: number | null;
  readonly held: HeldSlot | null;
  readonly hints: PlacementHints;
  /** Called when it waits or runs: from now on it is in the queue's hands. */
  readonly onAdmitted?: (() => void) | undefined;
}

/** Never rejects; see `serve`. */
export async function relay(relayed: Relayed, sink: ReplySink, stop: AbortController, deps: RelayDeps): Promise<void> {
  const { life, call, bodyBytes, holder, deadlineMs, held, hints, onAdmitted } = relayed;
  const { tokensIn, tokensOut } = estimateUsage(bodyBytes, call.maxTokens);
  const entry = deps.holders.enter(holder, life.face.model, tokensIn + tokensOut);
  if (entry.kind === 'refused') return turnAway(life, sink, entry.error, deps);
  const { totalTimeoutMs } = deps.limits;
  const cost = estimateCost(bodyBytes, call.maxTokens);
  deps.running.add(stop, life.face);
  await serve({ life, call, cost, totalTimeoutMs, deadlineMs, held, hints, onAdmitted }, sink, stop, deps);
  deps.running.delete(stop);
  entry.permit.end(isEnded(life.state) ? life.state.usage : null);
}

/** In the book, so that the holder's requests of an hour can be looked at, refused ones too. */
function turnAway(life: RequestLife, sink: ReplySink, error: AppError, { clock }: RelayDeps): void {
  sink.fail(error);
  life.apply({ kind: 'failed', at: clock.monotonic(), code: error.code, usage: NO_USAGE });
}
