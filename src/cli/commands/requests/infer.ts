/** `drover infer`: one prompt, through the front door or to one worker; tokens to stdout as they come, statistics to stderr. */

import type { ChatUsage, Client, Sampling } from '../../../client/index.ts';
import { formatDuration } from '../../../contract/durations.ts';
import { AppError } from '../../../contract/errors.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

interface InferFlags extends Sampling {
  readonly model?: string;
  readonly worker?: string;
  readonly prompt: string;
  readonly system?: string;
  readonly json: boolean;
}

interface Answer {
  readonly text: string;
  readonly finishReason: string | null;
  readonly usage: ChatUsage | null;
  readonly queuedMs: number | null;
  readonly firstTokenMs: number | null;
  readonly totalMs: number;
}

export async function infer(this: CliContext, flags: InferFlags): Promise<void> {
  const prompt = flags.prompt === '-' ? await this.readInput() : flags.prompt;
  if (prompt === '') throw new AppError('INVALID_REQUEST', 'the prompt is empty', { hint: 'give --prompt TEXT' });
  const asked = await whoIsAsked(this, flags);
  const answer = await ask(this, asked, flags, prompt);
  const statistics = statisticsOf(answer);
  if (flags.json) return printJson(this, { model: asked.model, text: answer.text, ...statistics });
  if (!answer.text.endsWith('\n')) this.out.write('\n');
  this.err.line(showStatistics(statistics));
}

interface Asked {
  readonly client: Client;
  readonly model: string;
}

async function whoIsAsked(context: CliContext, { model, worker }: InferFlags): Promise<Asked> {
  if (worker !== undefined) {
    const { workerClient } = await import('../../worker-access.ts');
    // It has one model, and answers whatever it is called.
    return { client: await workerClient(context, worker), model: model ?? worker };
  }
  if (model !== undefined) return { client: context.client, model };
  throw new AppError('INVALID_REQUEST', 'no model is named', { hint: 'give --model ID or --worker HOST:PORT' });
}

async function ask(context: CliContext, { client, model }: Asked, flags: InferFlags, prompt: string): Promise<Answer> {
  const { clock, out, signal } = context;
  const since = clock.monotonic();
  let answer: Answer = { text: '', finishReason: null, usage: null, queuedMs: null, firstTokenMs: null, totalMs: 0 };
  for await (const event of client.chat({ ...flags, model, messages: messagesOf(flags.system, prompt), signal })) {
    if (event.kind === 'opened') answer = { ...answer, queuedMs: event.queuedMs };
    else if (event.kind === 'ended') answer = { ...answer, finishReason: event.finishReason, usage: event.usage };
    else {
      answer = {
        ...answer,
        text: answer.text + event.text,
        firstTokenMs: answer.firstTokenMs ?? clock.monotonic() - since,
      };
      if (!flags.json) await out.send(event.text);
    }
  }
  return { ...answer, totalMs: clock.monotonic() - since };
}

function messagesOf(system: string | undefined, prompt: string) {
  const user = { role: 'user' as const, content: prompt };
  return system === undefined ? [user] : [{ role: 'system' as const, content: system }, user];
}

interface Statistics {
  readonly queue_wait_ms: number | null;
  readonly time_to_first_token_ms: number | null;
  readonly total_ms: number;
  readonly prompt_tokens: number | null;
  readonly completion_tokens: number | null;
  readonly tokens_per_second: number | null;
  readonly stop_reason: string | null;
}

function statisticsOf({ usage, firstTokenMs, totalMs, queuedMs, finishReason }: Answer): Statistics {
  const tokens = usage?.completionTokens ?? null;
  const decodeMs = totalMs - (firstTokenMs ?? 0);
  // The first token's time is the prompt's: the rate counts the tokens after it.
  const rate = tokens !== null && tokens > 1 && decodeMs > 0 ? ((tokens - 1) * 1_000) / decodeMs : null;
  return {
    queue_wait_ms: queuedMs === null ? null : Math.round(queuedMs),
    time_to_first_token_ms: firstTokenMs === null ? null : Math.round(firstTokenMs),
    total_ms: Math.round(totalMs),
    prompt_tokens: usage?.promptTokens ?? null,
    completion_tokens: tokens,
    tokens_per_second: rate === null ? null : Math.round(rate * 10) / 10,
    stop_reason: finishReason,
  };
}

function showStatistics(statistics: Statistics): string {
  const { queue_wait_ms: queued, time_to_first_token_ms: first, total_ms: total } = statistics;
  const parts = [
    queued === null ? null : `queue wait ${formatDuration(queued)}`,
    first === null ? null : `first token ${formatDuration(first)}`,
    `${statistics.prompt_tokens ?? '?'} prompt tokens`,
    `${statistics.completion_tokens ?? '?'} tokens in ${formatDuration(total)}`,
    statistics.tokens_per_second === null ? null : `${statistics.tokens_per_second} tokens/s`,
    `stop reason ${statistics.stop_reason ?? 'unknown'}`,
  ];
  return parts.filter((part) => part !== null).join(' · ');
}
