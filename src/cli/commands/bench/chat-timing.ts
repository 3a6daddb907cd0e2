/** One chat through the front door, with the times of its parts. Its clock is handed to it. */

import type { ChatEvent, ChatRequest } from '../../../client/index.ts';
import type { Clock } from '../../../kernel/clock.ts';

export interface ChatTiming {
  readonly text: string;
  /** From the request to its first text; null when nothing came. */
  readonly ttftMs: number | null;
  readonly totalMs: number;
  readonly promptTokens: number;
  readonly completionTokens: number;
  /** Of the answer, without the wait for its first token; null for less than two. */
  readonly tokensPerSecond: number | null;
}

interface ChatDoor {
  chat(request: ChatRequest): AsyncGenerator<ChatEvent>;
}

export async function timeChat(door: ChatDoor, clock: Clock, request: ChatRequest): Promise<ChatTiming> {
  const begun = clock.monotonic();
  let firstAt: number | null = null;
  let text = '';
  let usage = { promptTokens: 0, completionTokens: 0 };
  for await (const event of door.chat(request)) {
    if (event.kind === 'text') {
      firstAt ??= clock.monotonic();
      text += event.text;
    }
    if (event.kind === 'ended' && event.usage !== null) usage = event.usage;
  }
  const endedAt = clock.monotonic();
  const seconds = firstAt === null ? 0 : (endedAt - firstAt) / 1_000;
  const further = usage.completionTokens - 1;
  return {
    text,
    ttftMs: firstAt === null ? null : Math.round(firstAt - begun),
    totalMs: Math.round(endedAt - begun),
    ...usage,
    tokensPerSecond: seconds > 0 && further > 0 ? round(further / seconds) : null,
  };
}

export function round(value: number): number {
  return Math.round(value * 10) / 10;
}

export function median(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null).toSorted((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)] ?? null;
}
