/**
 * What plans may ask of models: those that sleep have no slots where the placements load them, so that tasks wait for a
 * ready instance and not in a request; the rest is the gateway's word.
 */

import type { InferencePort } from '../ports.ts';

export function withOwnLoads(inference: InferencePort, isLeftToRequests: (model: string) => boolean): InferencePort {
  return {
    capacity(model, strained) {
      const capacity = inference.capacity(model, strained);
      if (!capacity.isAsleep || isLeftToRequests(model)) return capacity;
      return { ...capacity, slots: 0, reason: 'nothing of it is loaded' };
    },
    generate: (call) => inference.generate(call),
    acquireSlot: (call) => inference.acquireSlot(call),
    restoreSlot: (slot) => inference.restoreSlot(slot),
  };
}
