/**
 * Asks a model until its answer has the form that was asked for: once, and once more with what was wrong. Says what each
 * round brought; what a failure means for a task is decided elsewhere.
 */

import type { FailureClass } from '../../contract/index.ts';
import type { GenerateResult } from '../../gateway/index.ts';
import type { InferencePort } from '../ports.ts';
import { DATA_RULE, dataSection } from './data-section.ts';
import type { Form } from './form.ts';
import type { Question } from './question.ts';
import { roomFor } from './room.ts';

/** One prompt and what came of it. */
export interface Round {
  readonly system: string | null;
  readonly prompt: string;
  readonly response: string;
  readonly instance: string;
  readonly device: string;
  /** Null for an answer that will do. */
  readonly problem: string | null;
}

interface Spent {
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export type Asked =
  | (Spent & {
      readonly kind: 'answered';
      readonly text: string;
      /** As the form reads it; the text itself where there is none. */
      readonly value: unknown;
      readonly device: string;
    })
  | (Spent & {
      readonly kind: 'failed';
      readonly class: FailureClass;
      readonly reason: string;
      readonly retryAfterMs?: number;
    });

interface Asking {
  readonly model: string;
  readonly question: Question;
  readonly maxTokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly signal: AbortSignal;
  /** Told of each round as it ends; what it does is waited for. */
  readonly onRound: (round: Round) => Promise<void>;
}

const ROUNDS = 2;

/** Never rejects unless `onRound` does. */
export async function askInRounds(asking: Asking, inference: InferencePort): Promise<Asked> {
  const spent = { tokensIn: 0, tokensOut: 0 };
  let { question } = asking;
  for (let round = 1; ; round++) {
    const result = await askOnce({ ...asking, question }, inference);
    if (result.kind === 'failed') return { ...failureOf(result), ...spent };
    spent.tokensIn += result.tokensIn;
    spent.tokensOut += result.tokensOut;
    const { text, instance, device } = result;
    const verdict = judge(result, question.form);
    const { system, prompt } = question;
    await asking.onRound({ system, prompt, response: text, instance, device, problem: verdict.problem });
    if (verdict.problem === null) return { kind: 'answered', text, value: verdict.value, device, ...spent };
    if (question.form === null || round === ROUNDS) {
      return { kind: 'failed', class: 'output', reason: verdict.problem, ...spent };
    }
    question = repairOf(asking.question, text, verdict.problem);
  }
}

type Failure = Extract<GenerateResult, { readonly kind: 'failed' }>;

function failureOf({ class: failureClass, message, retryAfterMs }: Failure) {
  const wait = retryAfterMs === undefined ? {} : { retryAfterMs };
  return { kind: 'failed' as const, class: failureClass, reason: message, ...wait };
}

async function askOnce(asking: Asking, inference: InferencePort): Promise<GenerateResult> {
  const { model, question, maxTokens, temperature, signal } = asking;
  const { system, prompt, form } = question;
  const { contextTokens } = inference.capacity(model);
  const room = roomFor({ model, text: `${system ?? ''}${prompt}`, maxTokens, contextTokens });
  if (room.kind === 'too-long') return { kind: 'failed', class: 'definition', message: room.reason };
  const params = { max_tokens: room.maxTokens, ...(temperature === undefined ? {} : { temperature }) };
  const call = { model, prompt, ...(system === null ? {} : { system }), class: 'batch', signal } as const;
  if (form === null) return inference.generate({ ...call, params });
  const result = await inference.generate({ ...call, params: { ...params, response_format: formatOf(form) } });
  // The instruction is in the prompt all the same, and the answer is checked whoever kept to the form.
  return refusesForm(result) ? inference.generate({ ...call, params }) : result;
}

function formatOf({ schema }: Form) {
  return { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } };
}

/** An engine that makes no grammar of this schema, or has no such field at all. */
function refusesForm(result: GenerateResult): boolean {
  return (
    result.kind === 'failed' &&
    result.class === 'definition' &&
    /response_format|json_schema|schema|grammar/i.test(result.message)
  );
}

type Verdict = { readonly problem: null; readonly value: unknown } | { readonly problem: string };

function judge({ text, cutOff }: Extract<GenerateResult, { kind: 'done' }>, form: Form | null): Verdict {
  if (text.trim() === '') return { problem: 'the answer is empty' };
  if (form === null) return { problem: null, value: text };
  const reading = form.read(text);
  if (reading.kind === 'fits') return { problem: null, value: reading.value };
  const why = cutOff === true ? ['it was cut off at max_tokens'] : [];
  return { problem: [...why, ...reading.problems].join('; ') };
}

/** The second round: the question again, with the answer that did not do and why. */
function repairOf({ system, prompt, form }: Question, answer: string, problem: string): Question {
  const parts = [
    prompt,
    'An earlier answer did not have the form that was asked for. Answer again, shorter if it was cut off.',
    dataSection({ title: 'the earlier answer', text: answer, bytes: 8 * 1024 }),
    dataSection({ title: 'what is wrong with it', text: problem, bytes: 2 * 1024 }),
  ];
  const rules = system === null || system.includes(DATA_RULE) ? (system ?? DATA_RULE) : `${system}\n\n${DATA_RULE}`;
  return { system: rules, prompt: parts.join('\n\n'), form };
}
