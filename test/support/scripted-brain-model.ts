/** The brain's model with answers that a test gives: for what a real one says only now and then. Away until it has some. */

import type { BrainAnswer, BrainModel, BrainQuestion } from '../../src/brain/index.ts';

export class ScriptedBrainModel implements BrainModel {
  /** Given in turn; the last one again and again. */
  answers: unknown[] = [];
  readonly asked: BrainQuestion[] = [];

  unavailable(): string | null {
    return this.answers.length === 0 ? 'no brain model is configured' : null;
  }

  async ask(question: BrainQuestion): Promise<BrainAnswer> {
    this.asked.push(question);
    const value = this.answers.length > 1 ? this.answers.shift() : this.answers[0];
    if (value === undefined) return { kind: 'unavailable', reason: 'no brain model is configured' };
    return { kind: 'answered', text: JSON.stringify(value), value, tokensIn: 1, tokensOut: 1, sampleId: null };
  }
}
