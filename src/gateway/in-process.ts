/** What callers in this process get: generated texts, and slots held for somebody outside. They wait as requests do. */

import { AppError } from '../contract/errors.ts';
import { newRequestId } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import { refusalError } from './door/refusals.ts';
import { chatRequest, CollectingSink } from './generate.ts';
import type { RequestBook, RequestFace } from './inspect/request-book.ts';
import { estimateCost } from './queue/fairness.ts';
import type { RunningRequests } from './relay/running-requests.ts';
import { serve } from './relay/serve.ts';
import type { ServeDeps } from './relay/serve.ts';
import type { SlotAsk } from './slots/dispatcher.ts';
import type { HeldSlots } from './slots/held-slots.ts';
import type { GenerateCall, GenerateResult, RestoredSlot, SlotCall, SlotLease } from './types.ts';

export interface InProcess {
  /** Never rejects: every way to fail is a result. */
  generate(call: GenerateCall): Promise<GenerateResult>;
  /** Waits in the queue like a request. Rejects with an AppError: MODEL_NOT_FOUND, INSTANCE_STOPPED, QUEUE_FULL, ABORTED … */
  acquireSlot(call: SlotCall): Promise<SlotLease>;
  /** Calls with that token are served again: through a slot of the same instance, once it can be had, else like any other. */
  restoreSlot(slot: RestoredSlot): Pick<SlotLease, 'release'>;
}

interface InProcessDeps extends ServeDeps {
  readonly book: RequestBook;
  readonly held: HeldSlots;
  readonly running: RunningRequests;
  /** Base URL of the front door without `/v1`, asked each time a slot is handed out. */
  readonly frontDoorUrl: () => string;
}

/** Fair shares count the work of plans together, against each key of the front door. */
const PLAN_KEY = 'plans';

export function createInProcess(deps: InProcessDeps): InProcess {
  const { clock, dispatcher, limits, book, held, running } = deps;

  async function generate(call: GenerateCall): Promise<GenerateResult> {
    const face = { id: newRequestId(), key: PLAN_KEY, class: call.class, model: call.model, stream: false };
    const life = book.open({ ...face, endpoint: 'generate' });
    const asked = chatRequest(call);
    const cost = estimateCost(asked.bodyBytes, asked.maxTokens);
    const sink = new CollectingSink();
    const job = { life, call: asked, cost, totalTimeoutMs: limits.totalTimeoutMs, held: null };
    await withStop({ running, face: life.face }, call.signal, (stop) => serve(job, sink, stop, deps));
    return sink.result();
  }

  async function acquireSlot(call: SlotCall): Promise<SlotLease> {
    const answer = await withStop({ running, face: null }, call.signal, (stop) =>
      dispatcher.acquire(slotAsk(call, clock), stop.signal),
    );
    if (answer.kind === 'refused') throw refusalError(answer.refusal);
    const { slot, token } = held.hold(answer.lease);
    if (call.signal.aborted) held.release(slot);
    return {
      instance: slot.instance,
      model: call.model,
      url: `${deps.frontDoorUrl()}/v1`,
      token,
      tokenHash: slot.tokenHash,
      release: () => held.release(slot),
    };
  }

  /** Goes before those who wait: it was there before them. */
  function restoreSlot({ instance, tokenHash }: RestoredSlot): Pick<SlotLease, 'release'> {
    const given = new AbortController();
    running.add(given, null);
    const ask = slotAsk({ model: instance, class: 'interactive', signal: given.signal }, clock);
    const had = dispatcher
      .acquire(ask, given.signal)
      .then((answer) => (answer.kind === 'leased' ? answer.lease : null));
    const slot = held.restore(tokenHash, instance, had);
    void had.then(() => running.delete(given));
    return {
      release() {
        given.abort();
        held.release(slot);
      },
    };
  }

  return { generate, acquireSlot, restoreSlot };
}

/** Runs with a stop of its own that also follows the caller's signal. */
async function withStop<T>(
  { running, face }: { readonly running: RunningRequests; readonly face: RequestFace | null },
  signal: AbortSignal,
  run: (stop: AbortController) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const follow = (): void => stop.abort(new AppError('ABORTED', 'the caller gave up'));
  if (signal.aborted) follow();
  signal.addEventListener('abort', follow, { once: true });
  running.add(stop, face);
  try {
    return await run(stop);
  } finally {
    running.delete(stop);
    signal.removeEventListener('abort', follow);
  }
}

/** A held slot may do any amount of work: it is charged like one small request. */
function slotAsk(call: SlotCall, clock: Clock): SlotAsk {
  return {
    id: newRequestId(),
    model: call.model,
    key: PLAN_KEY,
    class: call.class,
    cost: estimateCost(0, null),
    arrivedAt: clock.monotonic(),
    expiresAt: null,
    contextTokens: null,
    avoid: new Set(),
  };
}
