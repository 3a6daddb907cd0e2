/**
 * One attempt at a generate task: the prompt with its input files goes to a model, the answer to the file that the
 * plan names. The attempt folder keeps prompt and answer; what becomes of the task is decided elsewhere.
 */

import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { hasCode } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { RenderedAskingTask } from '../plans/index.ts';
import type { GenerateResult } from '../gateway/index.ts';
import type { CallEnd } from './messages.ts';
import type { InferencePort } from './ports.ts';
import { writeWholeFile } from './whole-file.ts';

export interface ModelCall {
  readonly task: RenderedAskingTask;
  readonly batchPath: string;
  /** `{BATCH_PATH}/logs/<task>/<attempt>`. */
  readonly dir: string;
  readonly signal: AbortSignal;
}

export interface ModelCallDeps {
  readonly inference: InferencePort;
  readonly clock: Clock;
}

/** Never rejects: what goes wrong is how the call ended. */
export async function callModel(call: ModelCall, deps: ModelCallDeps): Promise<CallEnd> {
  const startedAt = deps.clock.now();
  try {
    return await tryCall(call, deps, startedAt);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const failureClass = call.signal.aborted ? 'cancelled' : hasCode(error, 'ENOENT') ? 'definition' : 'output';
    return { kind: 'failed', class: failureClass, reason, endedAt: deps.clock.now() };
  }
}

async function tryCall(call: ModelCall, { inference, clock }: ModelCallDeps, startedAt: number): Promise<CallEnd> {
  const { task, dir, signal } = call;
  const prompt = await withInputs(call);
  await writeWholeFile(join(dir, 'prompt.txt'), prompt);
  const result = await inference.generate({
    model: task.model,
    prompt,
    params: paramsOf(task),
    class: 'batch',
    signal,
  });
  if (result.kind === 'failed') return await failedCall(call, result, clock.now());
  await keepAnswer(call, result.text);
  const { device, tokensIn, tokensOut } = result;
  return { kind: 'answered', device, startedAt, endedAt: clock.now(), tokensIn, tokensOut };
}

/** The text of the input files follows the prompt, each under its name. */
async function withInputs({ task, batchPath }: ModelCall): Promise<string> {
  const texts = await Promise.all(
    task.input.map(async (path) => `\n\n--- ${path} ---\n${await readFile(resolve(batchPath, path), 'utf8')}`),
  );
  return task.prompt + texts.join('');
}

function paramsOf({ maxTokens, temperature }: RenderedAskingTask): Record<string, number> {
  return {
    ...(maxTokens === undefined ? {} : { max_tokens: maxTokens }),
    ...(temperature === undefined ? {} : { temperature }),
  };
}

/** `stdout` makes the answer what `task logs` shows. */
async function keepAnswer({ task, batchPath, dir }: ModelCall, text: string): Promise<void> {
  await writeWholeFile(join(dir, 'stdout'), text);
  await writeWholeFile(join(dir, 'stderr'), '');
  const [target] = task.produces;
  await writeWholeFile(target === undefined ? join(dir, 'answer.txt') : resolve(batchPath, target), text);
}

async function failedCall(
  { dir, signal }: ModelCall,
  result: Extract<GenerateResult, { kind: 'failed' }>,
  endedAt: number,
): Promise<CallEnd> {
  await writeWholeFile(join(dir, 'stderr'), `${result.message}\n`);
  const { message, retryAfterMs } = result;
  return {
    kind: 'failed',
    class: signal.aborted ? 'cancelled' : result.class,
    reason: message,
    endedAt,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}
