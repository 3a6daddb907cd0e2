/**
 * The inner objects of node-llama-cpp that batching needs and its public API does not give: its own token iteration
 * was measured at half the speed with four slots, and cannot be cancelled while it reads a prompt. Types and access
 * only, for exactly the version that package.json pins; another one fails with a clear error.
 */

import type { Llama, LlamaContext, LlamaGrammarEvaluationState, LlamaModel } from 'node-llama-cpp';

import { AppError } from '../../../../contract/errors.ts';

export interface CoreContext {
  initBatch(size: number): void;
  /** Returns the places of the asked logits within the batch. */
  addToBatch(sequence: number, position: number, tokens: Uint32Array, logitIndexes: Uint32Array): Uint32Array;
  decodeBatch(): Promise<void>;
  /** Resolves to -1 when nothing can be drawn. */
  sampleToken(logitIndex: number, sampler: CoreSampler): Promise<number>;
  /**
   * With probabilities: token, then tokens and their probabilities in turn, likeliest first; with confidence, the
   * probability of the token among all comes third.
   */
  sampleToken(
    logitIndex: number,
    sampler: CoreSampler,
    probabilities: boolean,
    confidence?: boolean,
  ): Promise<readonly [number, (readonly number[])?, number?]>;
  /** False when this kind of memory cannot drop a part. */
  removeTokenCellsFromSequence(sequence: number, from: number, to: number): boolean;
  disposeSequence(sequence: number): void;
  getSequenceKvCacheMinPosition(sequence: number): number;
}

export interface CoreSamplerConfig {
  readonly temperature: number;
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
  readonly seed: number;
  readonly repeatPenalty?: number;
  readonly repeatPenaltyMaxTokens?: number;
  readonly repeatPenaltyTokens?: Uint32Array;
  readonly repeatPenaltyPresencePenalty?: number;
  readonly repeatPenaltyFrequencyPenalty?: number;
  readonly xtcProbability?: number;
  readonly xtcThreshold?: number;
  readonly dryRepeatPenaltyStrength?: number;
  readonly dryRepeatPenaltyBase?: number;
  readonly dryRepeatPenaltyAllowedLength?: number;
  readonly dryRepeatPenaltyLastTokens?: number;
  readonly dryRepeatPenaltySequenceBreakers?: readonly string[];
  readonly tokenBiasKeys?: Uint32Array;
  readonly tokenBiasValues?: Float32Array;
  readonly grammarEvaluationState?: unknown;
}

export interface CoreSampler {
  applyConfig(config: CoreSamplerConfig): void;
  dispose(): void;
}

export interface CoreModel {
  /** A token as the vocabulary spells it. */
  getTokenString(token: number): string;
}

export interface CoreBindings {
  readonly AddonSampler: (new (model: CoreModel) => CoreSampler) & {
    /** Throws when the grammar does not allow the token. */
    acceptGrammarEvaluationStateToken(state: unknown, token: number): void;
    canBeNextTokenForGrammarEvaluationState(state: unknown, token: number): boolean;
  };
  readonly AddonJinjaRenderer: new (template: string) => { render(input: Readonly<Record<string, unknown>>): string };
}

interface Insides {
  readonly _ctx?: CoreContext;
  readonly _model?: CoreModel;
  readonly _bindings?: CoreBindings;
  readonly _state?: unknown;
}

/** The only casts to the library's insides. */
function inside(value: object): Insides {
  return value as Insides;
}

function present<Value>(value: Value | undefined, name: string): Value {
  if (value !== undefined) return value;
  throw new AppError('ENGINE_START_FAILED', `this node-llama-cpp has no inner "${name}"`, {
    hint: 'install the pinned version again with "npm ci"',
  });
}

export function coreContext(context: LlamaContext): CoreContext {
  return present(inside(context)._ctx, '_ctx');
}

export function coreModel(model: LlamaModel): CoreModel {
  return present(inside(model)._model, '_model');
}

export function coreBindings(llama: Llama): CoreBindings {
  return present(inside(llama)._bindings, '_bindings');
}

export function coreGrammarState(state: LlamaGrammarEvaluationState): unknown {
  return present(inside(state)._state, '_state');
}
