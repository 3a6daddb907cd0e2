/** An engine of a model for what takes no slot: one that is up, or the first one that has got up for it. */

import { newRequestId } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { EngineAddress } from '../placing/instance-mirror.ts';
import { estimateCost } from '../queue/fairness.ts';
import type { Dispatcher } from '../slots/dispatcher.ts';
import type { ModelDirectory } from '../types.ts';
import type { GatewayLimits } from '../limits.ts';
import { visibleModels } from './holders.ts';
import { refusalError } from './refusals.ts';
import { unknownModel } from './visit.ts';
import type { Visit } from './visit.ts';

/** Rejects with MODEL_NOT_FOUND, INSTANCE_STOPPED and the other reasons why nothing can be had. */
export type EngineReach = (model: string, visit: Visit) => Promise<EngineAddress>;

interface EngineReachDeps {
  readonly clock: Clock;
  readonly dispatcher: Dispatcher;
  readonly models: ModelDirectory;
  readonly limits: GatewayLimits;
}

export function createEngineReach({ clock, dispatcher, models, limits }: EngineReachDeps): EngineReach {
  /** Waits like a request, and gives the slot back at once. */
  async function wakeUp(model: string, { response, caller }: Visit): Promise<EngineAddress> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const arrivedAt = clock.monotonic();
    const { key } = caller;
    const ask = { id: newRequestId(), model, key, class: 'interactive', cost: estimateCost(0, 0), arrivedAt } as const;
    const expiresAt = arrivedAt + limits.queueTimeoutMs;
    const answer = await dispatcher.acquire({ ...ask, expiresAt, contextTokens: null, avoid: new Set() }, gone.signal);
    if (answer.kind === 'refused') throw refusalError(answer.refusal);
    answer.lease.release(null);
    return answer.lease.engine;
  }

  return async (model, visit) => {
    const seen = visibleModels(models, visit.holder);
    if (seen.resolve(model) === null) throw unknownModel(model, seen);
    return dispatcher.readyEngine(model) ?? (await wakeUp(model, visit));
  };
}
