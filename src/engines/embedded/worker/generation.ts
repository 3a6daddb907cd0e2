/** One generation as the batch loop sees it: what is asked, what is told while it runs, and how it ended. Types only. */

import type { Grammar } from './decoder.ts';

export interface Sampling {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
  readonly repeatPenalty: number;
  readonly presencePenalty: number;
  readonly frequencyPenalty: number;
  /** How many of the last tokens the three penalties look at. */
  readonly penaltyTokens: number;
  readonly xtcProbability: number;
  readonly xtcThreshold: number;
  readonly dryMultiplier: number;
  readonly dryBase: number;
  readonly dryAllowedLength: number;
  readonly dryTokens: number;
  readonly drySequenceBreakers: readonly string[];
  /** Added to the logit of a token; `-Infinity` forbids it. */
  readonly bias: ReadonlyMap<number, number>;
}

export interface Generation {
  readonly prompt: readonly number[];
  /** Infinity: until the model ends or the context is full. */
  readonly maxTokens: number;
  readonly stop: readonly string[];
  readonly sampling: Sampling;
  readonly grammar: Grammar | null;
  /** Reuse what a slot remembers of an equal beginning. */
  readonly reusePrompt: boolean;
}

export interface Timings {
  readonly cachedTokens: number;
  readonly promptTokens: number;
  readonly promptMs: number;
  readonly predictedTokens: number;
  readonly predictedMs: number;
}

export interface Ending {
  readonly kind: 'eos' | 'word' | 'limit';
  /** The stop string that ended it; empty otherwise. */
  readonly stoppingWord: string;
  readonly promptTokens: number;
  readonly timings: Timings;
  readonly slot: number;
}

/** Who listens to a generation. Called between decoding steps; must not block or throw. */
export interface GenerationSink {
  text(text: string, timings: Timings): void;
  end(ending: Ending): void;
  fail(error: unknown): void;
}
