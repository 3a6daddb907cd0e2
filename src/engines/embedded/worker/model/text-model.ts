/** A loaded model beside its decoder: text to tokens and back, its chat template, grammars, embeddings, its data sheet. */

import type { LlamaEmbeddingContext } from 'node-llama-cpp';

import { ApiError } from '../api-error.ts';
import type { Grammar } from '../batching/generation.ts';
import { coreBindings, coreModel } from './library-core.ts';
import { asTokens } from './llama-decoder.ts';
import { compileGrammar } from './llama-grammar.ts';
import type { LoadedModel } from './load-model.ts';
import { spelledBytes } from './token-spelling.ts';

interface ModelSheet {
  readonly template: string | null;
  readonly bos: string;
  readonly eos: string;
  readonly vocabularySize: number;
  readonly trainContextSize: number;
  readonly embeddingLength: number;
  readonly parameters: number | null;
  readonly sizeBytes: number;
  /** `Q8_0`: how most weights are stored. */
  readonly fileType: string;
}

export interface TextModel {
  readonly sheet: ModelSheet;
  /** Tokens that end a generation. */
  readonly endings: readonly number[];
  /** `special`: markers in the text become their control tokens. */
  tokenize(text: string, special: boolean): readonly number[];
  /** A whole prompt: with markers, and with the beginning-of-sequence token where the model wants one. */
  tokenizePrompt(text: string): readonly number[];
  /** A prompt for the text between two others; null when the model was not taught that. */
  tokenizeInfill(prefix: string, suffix: string): readonly number[] | null;
  /** As many tokens as a long text has at least, told without tokenising it; 0 for a short one. */
  leastTokens(text: string): number;
  detokenize(tokens: readonly number[]): string;
  /** The bytes of one token, which may be a part of a character. */
  bytesOf(token: number): Uint8Array;
  /** Renders the chat template; rejects the request when the template does. */
  renderChat(variables: Readonly<Record<string, unknown>>): string;
  /** A grammar in GBNF; rejects the request when it is none. */
  compile(grammar: string): Promise<Grammar>;
  /** A vector of length 1. */
  embed(tokens: readonly number[]): Promise<readonly number[]>;
}

/** Shorter texts are tokenised at once; looking at the whole vocabulary takes as long as some hundred thousand letters. */
const WORTH_A_LOOK = 500_000;

export function createTextModel(loaded: LoadedModel): TextModel {
  const { model } = loaded;
  const vocabulary = [...model.iterateAllTokens()];
  const sheet = readSheet(loaded, vocabulary.length);
  const tokenize = (text: string, special: boolean): readonly number[] => model.tokenize(text, special);
  const renderer = createRenderer(loaded, sheet.template);
  const detokenize = (tokens: readonly number[]): string => model.detokenize(asTokens(tokens), true);
  let longestToken: number | null = null;
  return {
    sheet,
    endings: vocabulary.filter((token) => model.isEogToken(token)),
    tokenize,
    tokenizePrompt(text) {
      const tokens = tokenize(text, true);
      const { bos, shouldPrependBosToken } = model.tokens;
      return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
    },
    tokenizeInfill(before, after) {
      const { prefix, suffix, middle } = model.tokens.infill;
      if (prefix === null || suffix === null || middle === null) return null;
      return [prefix, ...tokenize(before, false), suffix, ...tokenize(after, false), middle];
    },
    leastTokens(text) {
      if (text.length < WORTH_A_LOOK) return 0;
      longestToken ??= vocabulary.reduce((most: number, token) => Math.max(most, detokenize([token]).length), 1);
      return Math.ceil(text.length / longestToken);
    },
    detokenize,
    bytesOf: (token) => spelledBytes(detokenize([token]), () => coreModel(model).getTokenString(token)),
    renderChat: (variables) => refuse('the chat template failed', () => renderer().render(variables)),
    compile: (grammar) => compileGrammar(loaded, grammar),
    embed: createEmbedder(loaded),
  };
}

function readSheet({ model }: LoadedModel, vocabularySize: number): ModelSheet {
  const metadata = model.fileInfo.metadata as { readonly tokenizer?: { readonly chat_template?: unknown } };
  const template = metadata.tokenizer?.chat_template;
  const tensors = model.fileInfo.fullTensorInfo;
  return {
    template: typeof template === 'string' ? template : null,
    bos: model.tokens.bosString ?? '',
    eos: model.tokens.eosString ?? '',
    vocabularySize,
    trainContextSize: model.trainContextSize,
    embeddingLength: model.embeddingVectorSize,
    parameters: tensors?.reduce((sum, { dimensions }) => sum + dimensions.reduce(multiply, 1), 0) ?? null,
    sizeBytes: model.size,
    fileType: model.typeDescription.split(' ').at(-1) ?? '',
  };
}

function multiply(product: number, factor: number | bigint): number {
  return product * Number(factor);
}

/** llama.cpp's own template engine, as llama-server uses it; compiled at the first chat. */
function createRenderer(
  { llama }: LoadedModel,
  template: string | null,
): () => { render(input: Readonly<Record<string, unknown>>): string } {
  let renderer: { render(input: Readonly<Record<string, unknown>>): string } | null = null;
  return () => {
    if (template === null) {
      throw new ApiError('invalid_request_error', 'this model has no chat template; use /v1/completions');
    }
    renderer ??= new (coreBindings(llama).AddonJinjaRenderer)(template);
    return renderer;
  };
}

function refuse<Value>(what: string, run: () => Value): Value {
  try {
    return run();
  } catch (error) {
    if (error instanceof ApiError) throw error;
    throw new ApiError('invalid_request_error', `${what}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A context of its own, made at the first request: most instances never embed. */
function createEmbedder({ model, context }: LoadedModel): TextModel['embed'] {
  let created: Promise<LlamaEmbeddingContext> | null = null;
  return async (tokens) => {
    created ??= model.createEmbeddingContext({ contextSize: context.contextSize, threads: context.idealThreads });
    const { vector } = await (await created).getEmbeddingFor([...asTokens(tokens)]);
    const length = Math.hypot(...vector);
    return length === 0 ? vector : vector.map((value) => value / length);
  };
}
