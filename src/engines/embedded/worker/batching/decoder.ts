/** What the batch loop needs of a loaded model: decoding, sampling, forgetting, text. The library hides behind it. */

import type { Generation, Grammar, SaidToken } from './generation.ts';

/** Draws tokens for one generation; remembers its random state, penalties and place in the grammar. */
export interface Sampler {
  /** From the next token on the grammar holds, as though `said` had been drawn under it. False: it forbids `said`. */
  constrain(grammar: Grammar, said: string): boolean;
  dispose(): void;
}

/** A token, and its probabilities where they were asked for. Null: a grammar allowed none. */
export interface Drawn {
  readonly token: number | null;
  readonly said: SaidToken | null;
}

/** Tokens of one slot for the next decoding step. With a sampler, a token is drawn after the last one. */
export interface BatchItem {
  readonly slot: number;
  readonly position: number;
  readonly tokens: readonly number[];
  readonly sampler: Sampler | null;
}

/** Turns tokens into text. */
interface Vocabulary {
  /** `recent` are tokens already turned into text: some vocabularies need them to place spaces. */
  detokenize(tokens: readonly number[], recent: readonly number[], showsControl: boolean): string;
  endsGeneration(token: number): boolean;
}

export interface Decoder extends Vocabulary {
  readonly slots: number;
  /** Tokens that one slot holds. */
  readonly contextSize: number;
  readonly batchSize: number;
  /**
   * Decodes one batch and resolves to a draw per item; null where none was asked for. One call at a time.
   */
  decode(items: readonly BatchItem[]): Promise<readonly (Drawn | null)[]>;
  createSampler(generation: Pick<Generation, 'sampling' | 'grammar' | 'prompt' | 'candidates'>): Sampler;
  /** Drops what a slot remembers from `position` on. False: it could not keep the beginning and dropped all. */
  forget(slot: number, position: number): boolean;
}
