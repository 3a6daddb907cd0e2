/** Who has changed what over the API: a fact for each call of a route of scope manage that is no question. */

import { subject } from '../contract/index.ts';
import type { FactData } from '../contract/index.ts';
import type { Log } from '../kernel/index.ts';
import type { Store } from '../store/index.ts';

export type AuditedCall = FactData['api.called'];

/** Resolves when it is kept, so that whoever has the answer finds it there. What cannot be kept is logged. */
export async function recordCall(call: AuditedCall, { store, log }: { store: Store; log: Log }): Promise<void> {
  try {
    await store.write(async (tx) => tx.record({ type: 'api.called', subject: subject.actor(call.actor), data: call }));
  } catch (error) {
    log.error({ err: error, call }, 'a call could not be audited');
  }
}
