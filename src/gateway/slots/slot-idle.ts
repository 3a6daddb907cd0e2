/** After an aborted call: waits until the engine has really let go of the slot, but not for ever. */

import { parseSlots } from '../../engines/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import type { Upstreams } from '../relay/upstream.ts';

interface SlotIdleQuestion {
  readonly engine: EngineAddress;
  /** Slots of the instance that are held here, this one included. */
  readonly held: () => number;
  readonly limitMs: number;
}

const FIRST_WAIT_MS = 10;
/** Past this it is not about to let go. */
const EAGER_WAIT_MS = 160;
/** llama-server looks for a client that has left when it has answered nobody, us included, for a second. */
const PATIENT_WAIT_MS = 1_100;
const ANSWER_TIMEOUT_MS = 500;

/** `idle` when the engine says so, `unknown` when it does not tell, `still-busy` when the limit is over. Never rejects. */
export async function waitForIdleSlot(
  question: SlotIdleQuestion,
  deps: { readonly clock: Clock; readonly upstreams: Upstreams },
): Promise<'idle' | 'unknown' | 'still-busy'> {
  const { clock, upstreams } = deps;
  const deadline = clock.monotonic() + question.limitMs;
  for (let waitMs = FIRST_WAIT_MS; clock.monotonic() < deadline; waitMs = nextWaitMs(waitMs)) {
    const body = await upstreams.getText(question.engine, '/slots', ANSWER_TIMEOUT_MS);
    const slots = body === null ? null : parseSlots(body);
    if (slots === null) return 'unknown';
    if (slots.busy < question.held()) return 'idle';
    await clock.sleep(waitMs);
  }
  return 'still-busy';
}

function nextWaitMs(waitMs: number): number {
  return waitMs < EAGER_WAIT_MS ? waitMs * 2 : PATIENT_WAIT_MS;
}
