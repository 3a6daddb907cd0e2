/** What the brain is asked about the output of an attempt, and how its answer is read. Pure. */

import { DEFAULT_MAX_TOKENS } from '../asking/room.ts';
import { dataSection } from '../asking/data-section.ts';
import type { BrainAnswer, BrainQuestion } from '../asking/brain-model.ts';

export type Judgement =
  | { readonly kind: 'scored'; readonly score: number; readonly reason: string }
  /** It could not be asked, or has not answered: the output counts as it is. */
  | { readonly kind: 'unscored'; readonly reason: string };

/** An output of this score or less is made once more. */
export const REDO_SCORE = 2;

interface JudgedWork {
  readonly about: string;
  /** What the plan is for. */
  readonly objective: string;
  /** What the task was told: its command or its prompt. */
  readonly assignment: string;
  /** Excerpts of what it made, by name. */
  readonly products: readonly { readonly name: string; readonly excerpt: string }[];
}

const SCHEMA = {
  type: 'object',
  properties: {
    score: { type: 'integer', enum: [1, 2, 3, 4, 5] },
    reason: { type: 'string', minLength: 1, maxLength: 200 },
  },
  required: ['score', 'reason'],
  additionalProperties: false,
} as const;

const SYSTEM =
  'You judge the output of one task of a batch. Score it: 5 is as the task asks, 4 has small faults, 3 can be used, ' +
  '2 misses the point, 1 is useless, empty or broken. Give the reason in one sentence.';

export function questionAbout(work: JudgedWork, signal: AbortSignal): BrainQuestion {
  const sections = [
    dataSection({ title: 'objective of the plan', text: work.objective, bytes: 1_000 }),
    dataSection({ title: 'the task', text: work.assignment, bytes: 4_000 }),
    ...work.products.map(({ name, excerpt }) => dataSection({ title: `output ${name}`, text: excerpt, bytes: 6_000 })),
  ];
  const prompt = `Judge the output below.\n\n${sections.join('\n\n')}`;
  return { kind: 'evaluate', about: work.about, system: SYSTEM, prompt, schema: SCHEMA, maxTokens: MAX_TOKENS, signal };
}

const MAX_TOKENS = DEFAULT_MAX_TOKENS / 2;

export function judgementOf(answer: BrainAnswer): Judgement {
  if (answer.kind !== 'answered') return { kind: 'unscored', reason: `not evaluated: ${answer.reason}` };
  // It fits the schema.
  const { score, reason } = answer.value as { readonly score: number; readonly reason: string };
  return { kind: 'scored', score, reason };
}
