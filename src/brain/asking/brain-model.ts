/**
 * The model that the brain itself asks: the alias `brain`, which the setting of that name gives an instance. Whoever
 * asks goes on by rules when it is not there. What an answer means is the asker's business.
 */

import type { FailureClass } from '../../contract/index.ts';

/** What it is asked for; kinds of training samples too. */
export type BrainQuestionKind = 'repair' | 'evaluate';

export interface BrainQuestion {
  readonly kind: BrainQuestionKind;
  /** `BATCH/TASK#NO`, or another name of what it is about. */
  readonly about: string;
  /** What is asked of it, in words of ours alone. The rule about data sections is added. */
  readonly system: string;
  /** Text of others stands in it only between the marks of `data-section.ts`. */
  readonly prompt: string;
  /** JSON Schema: the answer is a value that fits it, or none. */
  readonly schema?: Readonly<Record<string, unknown>>;
  readonly maxTokens?: number;
  readonly signal: AbortSignal;
}

export type BrainAnswer =
  | {
      readonly kind: 'answered';
      readonly text: string;
      /** What the text says as JSON, when a schema was given; it fits that schema. */
      readonly value: unknown;
      readonly tokensIn: number;
      readonly tokensOut: number;
      /** Of the training sample that was kept of it; null when none was. */
      readonly sampleId: string | null;
    }
  /** There is no such model, or nothing of it runs: the rules go on without it. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  | {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly reason: string;
      readonly retryAfterMs?: number;
    };

export interface BrainModel {
  /** Null when it can be asked; else why not, for people. Cheap. */
  unavailable(): string | null;
  /** Never rejects. Asks once, and once more when the answer does not fit the schema. */
  ask(question: BrainQuestion): Promise<BrainAnswer>;
}
