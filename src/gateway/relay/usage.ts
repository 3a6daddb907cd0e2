/** Reads how many tokens an answer took, from the end of its bytes. Pure; never fails. */

import type { Usage } from '../types.ts';
import { countFrames } from './sse-frames.ts';

/** An engine tells usage and timings in its last three frames; bytes come with one frame at least. */
const LAST_FRAMES = 4;
/** Longest usage or timings object that is looked at. */
const LARGEST_OBJECT = 8 * 1024;

type Fields = Readonly<Record<string, unknown>>;

/** Watches a stream go by; keeps its last frames only. */
export class UsageObserver {
  readonly #end: string;
  #frames = 0;
  /** Some protocols tell what the prompt took before the answer. */
  #first: Buffer | null = null;
  #last: Buffer[] = [];

  /** `end` is in the last frame of a complete stream. */
  constructor(end: string) {
    this.#end = end;
  }

  /** Complete frames, one at least; answers how many. */
  see(frames: Buffer): number {
    const passed = countFrames(frames);
    this.#frames += passed;
    this.#first ??= frames;
    this.#last.push(frames);
    if (this.#last.length > LAST_FRAMES) this.#last.shift();
    return passed;
  }

  /** Whether the stream said that it is over. */
  sawEnd(): boolean {
    return Buffer.concat(this.#last).includes(this.#end);
  }

  /** Where the engine told nothing, one frame counts as one token. */
  usage(): Usage {
    const told = readUsage(Buffer.concat(this.#last)) ?? { tokensIn: 0, tokensOut: this.#frames };
    if (told.tokensIn > 0 || this.#first === null) return told;
    return { ...told, tokensIn: readUsage(this.#first)?.tokensIn ?? 0 };
  }
}

/** The last `usage` or `timings` in the bytes; null when there is none. */
export function readUsage(bytes: Buffer): Usage | null {
  return fromUsage(lastObject(bytes, '"usage"')) ?? fromTimings(lastObject(bytes, '"timings"'));
}

function fromUsage(usage: Fields | null): Usage | null {
  if (usage === null) return null;
  const { prompt_tokens: prompt, input_tokens: input, cache_read_input_tokens: cached } = usage;
  const tokensIn = prompt === undefined ? count(input) + count(cached) : count(prompt);
  return { tokensIn, tokensOut: count(usage['completion_tokens'] ?? usage['output_tokens']) };
}

function fromTimings(timings: Fields | null): Usage | null {
  if (timings === null) return null;
  return { tokensIn: count(timings['prompt_n']) + count(timings['cache_n']), tokensOut: count(timings['predicted_n']) };
}

function count(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The object after the last `name`. In text of a model the quotes are escaped, so only a real field matches. */
function lastObject(bytes: Buffer, name: string): Fields | null {
  for (let at = bytes.lastIndexOf(name); at !== -1; at = at === 0 ? -1 : bytes.lastIndexOf(name, at - 1)) {
    const value = objectAfter(bytes.toString('utf8', at + name.length, at + name.length + LARGEST_OBJECT));
    if (value !== null) return value;
  }
  return null;
}

function objectAfter(text: string): Fields | null {
  const open = /^\s*:\s*\{/.exec(text);
  if (open === null) return null;
  const start = open[0].length - 1;
  for (let close = text.indexOf('}', start); close !== -1; close = text.indexOf('}', close + 1)) {
    const value = parseObject(text.slice(start, close + 1));
    if (value !== null) return value;
  }
  return null;
}

function parseObject(text: string): Fields | null {
  try {
    return JSON.parse(text) as Fields; // begins with a brace
  } catch {
    return null; // not yet the matching brace
  }
}
