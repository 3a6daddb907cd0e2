/** What is kept of a prompt and its answer, and which of it teaches something. The lines themselves are in the contract. */

import type { SampleKind, TrainingReview, TrainingSample } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { Round } from '../asking/rounds.ts';

/** A sample as its readers see it. */
export interface ReviewedSample extends TrainingSample {
  readonly review: TrainingReview | null;
}

export interface NewSample {
  readonly kind: SampleKind;
  readonly about: string;
  readonly model: string;
  readonly round: Round;
}

/** Keeps a sample and answers its id; null when none is kept. Never rejects. */
export type KeepSample = (sample: NewSample) => Promise<string | null>;

export function toSample({ kind, about, model, round }: NewSample, id: string, now: number): TrainingSample {
  const { system, prompt, response, instance, device, problem } = round;
  return {
    id,
    time: isoTime(now),
    kind,
    model,
    system,
    prompt,
    context: { about, instance, device },
    response,
    outcome: { accepted: problem === null, problem },
  };
}

/** What somebody should learn from. */
export function isPositive({ review }: ReviewedSample): boolean {
  return review !== null && review.rating >= 4;
}

/** What was wrong, and is known how it should have been. */
export function isPair({ review }: ReviewedSample): boolean {
  return review !== null && review.rating <= 2 && review.correction !== null;
}
