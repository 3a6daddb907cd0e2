/** A decoder for tests: the "model" says the next letter of a script, whatever it is asked. Tokens are char codes. */

import type { BatchItem, Decoder, Drawn } from '../../src/engines/embedded/worker/batching/decoder.ts';
import type { Generation, GenerationSink, Sampling } from '../../src/engines/embedded/worker/batching/generation.ts';

export const END = 0;

export interface ScriptedDecoder extends Decoder {
  /** The batches so far: which slot got how many tokens. */
  readonly batches: readonly (readonly { readonly slot: number; readonly tokens: number }[])[];
  readonly forgotten: readonly { readonly slot: number; readonly position: number }[];
  /** Samplers not disposed of. */
  readonly liveSamplers: () => number;
}

export interface Script {
  readonly slots?: number;
  readonly contextSize?: number;
  readonly batchSize?: number;
  /** Per generation in order of start, what the model says; the end token follows. */
  readonly answers: readonly string[];
  /** Awaited before each batch resolves: holds the model still. */
  readonly gate?: () => Promise<void>;
}

export function scriptedDecoder({
  slots = 1,
  contextSize = 100,
  batchSize = 32,
  answers,
  gate,
}: Script): ScriptedDecoder {
  const batches: { slot: number; tokens: number }[][] = [];
  const forgotten: { slot: number; position: number }[] = [];
  let started = 0;
  let live = 0;
  const draw = (item: BatchItem): Drawn | null => {
    if (item.sampler === null) return null;
    const sampler = item.sampler as unknown as { next(): number };
    return { token: sampler.next(), said: null };
  };
  return {
    slots,
    contextSize,
    batchSize,
    batches,
    forgotten,
    liveSamplers: () => live,
    endsGeneration: (token) => token === END,
    detokenize: (tokens) => String.fromCharCode(...tokens),
    async decode(items) {
      batches.push(items.map(({ slot, tokens }) => ({ slot, tokens: tokens.length })));
      await gate?.();
      return items.map(draw);
    },
    createSampler() {
      const letters = [...(answers[started++ % answers.length] ?? '')].map((letter) => letter.charCodeAt(0));
      live++;
      return Object.assign(
        { dispose: () => void live--, constrain: () => true },
        { next: (): number => letters.shift() ?? END },
      );
    },
    forget(slot, position) {
      forgotten.push({ slot, position });
      return true;
    },
  };
}

export const GREEDY: Sampling = {
  temperature: 0,
  topK: 0,
  topP: 1,
  minP: 0,
  seed: 1,
  repeatPenalty: 1,
  presencePenalty: 0,
  frequencyPenalty: 0,
  penaltyTokens: 0,
  xtcProbability: 0,
  xtcThreshold: 0,
  dryMultiplier: 0,
  dryBase: 0,
  dryAllowedLength: 0,
  dryTokens: 0,
  drySequenceBreakers: [],
  bias: new Map(),
};

export function generation(prompt: string, overrides: Partial<Generation> = {}): Generation {
  return {
    prompt: [...prompt].map((letter) => letter.charCodeAt(0)),
    maxTokens: Infinity,
    stop: [],
    sampling: GREEDY,
    grammar: null,
    late: null,
    candidates: null,
    showsControl: false,
    reusePrompt: true,
    ...overrides,
  };
}

/** A sink that remembers everything and resolves when its generation is over. */
export function recorder(): GenerationSink & {
  readonly texts: string[];
  readonly over: Promise<string>;
} {
  const texts: string[] = [];
  let settle: (how: string) => void = () => {};
  const over = new Promise<string>((resolve) => (settle = resolve));
  return {
    texts,
    over,
    text: (text) => void texts.push(text),
    end: (ending) => settle(ending.kind),
    fail: (error) => settle(`failed: ${error instanceof Error ? error.message : String(error)}`),
  };
}
