/** The brain without a model of its own: whoever asks goes on by rules. */

import type { BrainModel } from './brain-model.ts';

const REASON = 'no model is configured for the brain';

export const noBrainModel: BrainModel = {
  unavailable: () => REASON,
  ask: () => Promise.resolve({ kind: 'unavailable', reason: REASON }),
};
