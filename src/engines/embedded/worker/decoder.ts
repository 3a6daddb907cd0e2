/** What the batch loop needs of a loaded model: decoding, sampling, forgetting, text. The library hides behind it. */

import type { Sampling } from './generation.ts';

/** A compiled grammar; opaque outside the library's adapter. */
export interface Grammar {
  readonly kind: 'grammar';
}

/** Draws tokens for one generation; remembers its random state, penalties and place in the grammar. */
export interface Sampler {
  dispose(): void;
}

/** Tokens of one slot for the next decoding step. With a sampler, a token is drawn after the last one. */
export interface BatchItem {
  readonly slot: number;
  readonly position: number;
  readonly tokens: readonly number[];
  readonly sampler: Sampler | null;
}

/** Turns tokens into text. */
export interface Vocabulary {
  /** `recent` are tokens already turned into text: some vocabularies need them to place spaces. */
  detokenize(tokens: readonly number[], recent: readonly number[]): string;
  endsGeneration(token: number): boolean;
}

export interface Decoder extends Vocabulary {
  readonly slots: number;
  /** Tokens that one slot holds. */
  readonly contextSize: number;
  readonly batchSize: number;
  /**
   * Decodes one batch and resolves to a token per item; null where none was asked for, or where a grammar allows
   * none. One call at a time.
   */
  decode(items: readonly BatchItem[]): Promise<readonly (number | null)[]>;
  createSampler(sampling: Sampling, grammar: Grammar | null, prompt: readonly number[]): Sampler;
  /** Drops what a slot remembers from `position` on. False: it could not keep the beginning and dropped all. */
  forget(slot: number, position: number): boolean;
}
