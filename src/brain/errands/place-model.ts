/** One attempt at a meta task: has a model loaded or unloaded, and says how that ended. */

import { AppError } from '../../contract/index.ts';
import type { FailureClass } from '../../contract/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { RenderedMetaTask } from '../../plans/index.ts';
import type { CallEnd } from '../turn/messages.ts';
import type { ModelsPort } from '../ports.ts';

/** Never rejects: what goes wrong is how it ended. */
export async function placeModel(
  { action, model }: RenderedMetaTask,
  { models, clock }: { readonly models: ModelsPort; readonly clock: Clock },
): Promise<CallEnd> {
  const startedAt = clock.now();
  try {
    await (action === 'load_llm' ? models.load(model) : models.unload(model));
    return { kind: 'answered', device: '', startedAt, endedAt: clock.now(), tokensIn: 0, tokensOut: 0 };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: 'failed', class: classOf(error), reason, endedAt: clock.now() };
  }
}

/** A name that nothing has stays wrong; all else may be otherwise next time. */
function classOf(error: unknown): FailureClass {
  const unknown =
    error instanceof AppError && (error.code === 'MODEL_NOT_FOUND' || error.code === 'INSTANCE_NOT_FOUND');
  return unknown ? 'definition' : 'infrastructure';
}
