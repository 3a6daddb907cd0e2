/** One generation as the batch loop sees it: what is asked, what is told while it runs, and how it ended. Types only. */

/** A compiled grammar; opaque outside the library's adapter. */
export interface Grammar {
  readonly kind: 'grammar';
}

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
  /** A grammar that holds from the first time its marker is said; null: none. */
  readonly late: LateGrammar | null;
  /** How many of the likeliest tokens are told beside each said one; null: no probabilities at all. */
  readonly candidates: number | null;
  /** Control tokens are told as text, as tool calls need it. */
  readonly showsControl: boolean;
  /** Reuse what a slot remembers of an equal beginning. */
  readonly reusePrompt: boolean;
}

/** The grammar describes the text from the beginning of the marker on. */
export interface LateGrammar {
  readonly marker: string;
  readonly grammar: Grammar;
}

/** A token and the logarithm of its probability, before any sampling parameter. */
export interface Candidate {
  readonly token: number;
  readonly logprob: number;
}

/** A said token beside the likeliest ones, likeliest first. */
export interface SaidToken extends Candidate {
  readonly top: readonly Candidate[];
}

export interface Timings {
  readonly cachedTokens: number;
  readonly promptTokens: number;
  readonly promptMs: number;
  readonly predictedTokens: number;
  readonly predictedMs: number;
}

export interface Ending {
  /** `limit`: as many tokens as asked for, or a full context. */
  readonly kind: 'eos' | 'word' | 'limit';
  /** The stop string that ended it; empty otherwise. */
  readonly stoppingWord: string;
  readonly promptTokens: number;
  readonly timings: Timings;
  readonly slot: number;
}

/** Who listens to a generation. Called between decoding steps; must not block or throw. */
export interface GenerationSink {
  /** It has a slot now. */
  begin?(slot: number): void;
  /** `said` are the tokens of this text and of what was held back before it, where probabilities were asked for. */
  text(text: string, timings: Timings, said: readonly SaidToken[]): void;
  end(ending: Ending): void;
  fail(error: unknown): void;
}
