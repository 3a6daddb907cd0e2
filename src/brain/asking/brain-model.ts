/**
 * The model that the brain itself asks: the alias `brain`, which the setting of that name gives an instance. Whoever
 * asks goes on by rules when it is not there. What an answer means is the asker's business.
 */

import { BRAIN_INSTANCE } from '../../contract/index.ts';
import type { FailureClass } from '../../contract/index.ts';
import type { InferencePort } from '../ports.ts';
import { compileSchema } from './answer-schema.ts';
import { DATA_RULE } from './data-section.ts';
import { jsonForm } from './form.ts';
import { askInRounds } from './rounds.ts';
import type { Asked } from './rounds.ts';
import type { KeepSample } from '../training/samples.ts';

/** What it is asked for; kinds of training samples too. */
type BrainQuestionKind = 'repair' | 'evaluate';

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

interface BrainModelDeps {
  readonly inference: InferencePort;
  /** Null when an instance is meant to serve the brain's alias; else why none is. */
  readonly noBrain: () => string | null;
  readonly keepSample: KeepSample;
}

/** Long enough for a model that is just loading. */
const PATIENCE_MS = 10 * 60_000;

export function createBrainModel({ inference, noBrain, keepSample }: BrainModelDeps): BrainModel {
  async function ask(question: BrainQuestion): Promise<BrainAnswer> {
    const { kind, about, system, prompt, schema, maxTokens } = question;
    const form = schema === undefined ? null : jsonForm(compileSchema(schema));
    const rules = [system, DATA_RULE, ...(form === null ? [] : [form.instruction])].join('\n\n');
    let sampleId: string | null = null;
    const asked = await askInRounds(
      {
        model: BRAIN_INSTANCE,
        question: { system: rules, prompt, form },
        maxTokens,
        temperature: 0,
        signal: AbortSignal.any([question.signal, AbortSignal.timeout(PATIENCE_MS)]),
        onRound: async (round) => void (sampleId = await keepSample({ kind, about, model: BRAIN_INSTANCE, round })),
      },
      inference,
    );
    return answerOf(asked, sampleId);
  }

  return {
    unavailable: noBrain,
    async ask(question) {
      const reason = noBrain();
      return reason === null ? ask(question) : { kind: 'unavailable', reason };
    },
  };
}

/** What is down or gone is as good as not there; what has answered, but badly, has failed. */
function answerOf(asked: Asked, sampleId: string | null): BrainAnswer {
  if (asked.kind === 'answered') {
    const { text, value, tokensIn, tokensOut } = asked;
    return { kind: 'answered', text, value, tokensIn, tokensOut, sampleId };
  }
  const { class: failureClass, reason, retryAfterMs } = asked;
  if (failureClass === 'infrastructure') return { kind: 'unavailable', reason };
  return { kind: 'failed', class: failureClass, reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
}
