/** Models in memory: as many slots as the test says, answers as it says, and every call kept. */

import type { InferencePort } from '../../src/brain/index.ts';
import type {
  GenerateCall,
  GenerateResult,
  ModelCapacity,
  RestoredSlot,
  SlotCall,
  SlotLease,
} from '../../src/gateway/index.ts';

export type Answer = (request: GenerateCall) => Promise<GenerateResult> | GenerateResult;

export const SAY_HELLO: Answer = () => ({
  kind: 'done',
  text: 'hello',
  tokensIn: 3,
  tokensOut: 1,
  instance: 'demo-0',
  device: 'cpu',
});

export class FakeInference implements InferencePort {
  slots = 2;
  contextTokens: number | null = null;
  answer: Answer = SAY_HELLO;
  readonly asked: GenerateCall[] = [];
  /** Most calls under way at once. */
  peak = 0;
  slotsHeld = 0;
  /** Slots of attempts that have outlived the brain. */
  readonly restored: RestoredSlot[] = [];
  #underWay = 0;

  capacity(_model: string): ModelCapacity {
    const reason = this.slots > 0 ? null : 'no instance of it is ready';
    return { slots: this.slots, reason, contextTokens: this.contextTokens, isAsleep: false };
  }

  async generate(request: GenerateCall): Promise<GenerateResult> {
    this.asked.push(request);
    this.#underWay += 1;
    this.peak = Math.max(this.peak, this.#underWay);
    try {
      return await this.answer(request);
    } finally {
      this.#underWay -= 1;
    }
  }

  async acquireSlot({ model }: SlotCall): Promise<SlotLease> {
    this.slotsHeld += 1;
    return {
      instance: 'demo-0',
      model,
      url: 'http://127.0.0.1:9/v1',
      token: 'attempt-token',
      tokenHash: 'hash-of-attempt-token',
      release: () => void (this.slotsHeld -= 1),
    };
  }

  restoreSlot(slot: RestoredSlot): Pick<SlotLease, 'release'> {
    this.restored.push(slot);
    this.slotsHeld += 1;
    return { release: () => void (this.slotsHeld -= 1) };
  }
}
