/**
 * One attempt at a task that a model answers: the question goes through the gateway, the answer to the file that the
 * plan names. The attempt folder keeps prompts and raw answers; what becomes of the task is decided elsewhere.
 */

import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import type { Clock } from '../../kernel/index.ts';
import type { RenderedAskingTask } from '../../plans/index.ts';
import type { CallEnd } from '../turn/messages.ts';
import type { InferencePort } from '../ports.ts';
import { writeWholeFile } from '../summary/whole-file.ts';
import { questionOf } from './question.ts';
import type { Question } from './question.ts';
import { askInRounds } from './rounds.ts';
import type { Asked, Round } from './rounds.ts';

export interface AskingAttempt {
  readonly task: RenderedAskingTask;
  readonly byBrain: boolean;
  readonly batchPath: string;
  /** `{BATCH_PATH}/logs/<task>/<attempt>`. */
  readonly dir: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

interface AskingDeps {
  readonly inference: InferencePort;
  readonly clock: Clock;
  /** Told of every prompt that was answered. */
  readonly onRound: (round: Round) => Promise<void>;
}

/** Never rejects: what goes wrong is how the attempt ended. */
export async function runAskingTask(attempt: AskingAttempt, deps: AskingDeps): Promise<CallEnd> {
  const { clock } = deps;
  const startedAt = clock.now();
  const patience = new AbortController();
  using _timer = clock.after(attempt.timeoutMs, () => patience.abort());
  const signal = AbortSignal.any([attempt.signal, patience.signal]);
  const end = await attend({ ...attempt, signal }, deps, startedAt).catch((error: unknown) =>
    failure('output', error instanceof Error ? error.message : String(error)),
  );
  if (end.kind === 'answered') return end;
  const told = { ...end, ...whoseEnd(attempt, patience.signal), endedAt: clock.now() };
  await writeFile(join(attempt.dir, 'stderr'), `${told.reason}\n`).catch(() => {});
  return told;
}

type Failure = Omit<Extract<CallEnd, { readonly kind: 'failed' }>, 'endedAt'>;

function failure(failureClass: Failure['class'], reason: string): Failure {
  return { kind: 'failed', class: failureClass, reason };
}

/** Who ended it, when it did not end by itself. */
function whoseEnd({ signal, timeoutMs }: AskingAttempt, patience: AbortSignal): Partial<Failure> {
  if (signal.aborted) return { class: 'cancelled' };
  return patience.aborted ? { class: 'timeout', reason: `no answer within ${timeoutMs} ms` } : {};
}

type Answered = Extract<CallEnd, { readonly kind: 'answered' }>;

async function attend(attempt: AskingAttempt, deps: AskingDeps, startedAt: number): Promise<Answered | Failure> {
  await mkdir(attempt.dir, { recursive: true });
  const questioning = await questionOf(attempt);
  if (questioning.kind === 'impossible') return failure('definition', questioning.reason);
  const asked = await ask(attempt, questioning.question, deps);
  if (asked.kind === 'failed') {
    const { retryAfterMs } = asked;
    return { ...failure(asked.class, asked.reason), ...(retryAfterMs === undefined ? {} : { retryAfterMs }) };
  }
  const text = shownAs(attempt.task, asked.value);
  await keepAnswer(attempt, text);
  const { device, tokensIn, tokensOut } = asked;
  const answer = attempt.task.type === 'decide' ? { answer: text.trimEnd() } : {};
  return { kind: 'answered', device, startedAt, endedAt: deps.clock.now(), tokensIn, tokensOut, ...answer };
}

async function ask({ task, dir, signal }: AskingAttempt, question: Question, deps: AskingDeps): Promise<Asked> {
  const { model, maxTokens, temperature } = task;
  let rounds = 0;
  await writeFile(join(dir, 'prompt.txt'), question.prompt);
  const onRound = async (round: Round): Promise<void> => {
    await keepRound(dir, round, ++rounds);
    await deps.onRound(round);
  };
  return askInRounds({ model, question, maxTokens, temperature, signal, onRound }, deps.inference);
}

/** Raw answers: `answer.txt` is the last; what came before it has a number. */
async function keepRound(dir: string, { prompt, response, problem }: Round, no: number): Promise<void> {
  if (no > 1) await writeFile(join(dir, `prompt-${no}.txt`), prompt);
  await writeFile(join(dir, 'answer.txt'), response);
  if (problem !== null) await writeFile(join(dir, `answer-${no}.txt`), response);
}

/** A value as the plan's files have it. */
function shownAs({ type }: RenderedAskingTask, value: unknown): string {
  return type === 'parse' ? `${JSON.stringify(value, null, 2)}\n` : type === 'decide' ? `${value}\n` : String(value);
}

/** `stdout` makes the answer what `task logs` shows. */
async function keepAnswer({ task, batchPath, dir }: AskingAttempt, text: string): Promise<void> {
  await writeFile(join(dir, 'stdout'), text);
  await writeFile(join(dir, 'stderr'), '');
  const [target] = task.produces;
  if (target !== undefined) await writeWholeFile(resolve(batchPath, target), text);
}
