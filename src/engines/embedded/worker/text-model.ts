/** A loaded model beside its decoder: text to tokens and back, its chat template, grammars, embeddings, its data sheet. */

import type { LlamaEmbeddingContext, LlamaGrammar } from 'node-llama-cpp';

import { ApiError } from './api-error.ts';
import type { Constraint } from './constraint.ts';
import type { Grammar } from './decoder.ts';
import { JSON_GRAMMAR, withoutTail } from './grammar-text.ts';
import { coreBindings } from './library-core.ts';
import { asTokens, wrapGrammar } from './llama-decoder.ts';
import type { LoadedModel } from './load-model.ts';

export interface ModelSheet {
  readonly template: string | null;
  readonly bos: string;
  readonly eos: string;
  readonly vocabularySize: number;
  readonly trainContextSize: number;
  readonly embeddingLength: number;
  readonly parameters: number | null;
  readonly sizeBytes: number;
  readonly description: string;
}

export interface TextModel {
  readonly sheet: ModelSheet;
  /** Tokens that end a generation. */
  readonly endings: readonly number[];
  /** `special`: markers in the text become their control tokens. */
  tokenize(text: string, special: boolean): readonly number[];
  /** A whole prompt: with markers, and with the beginning-of-sequence token where the model wants one. */
  tokenizePrompt(text: string): readonly number[];
  detokenize(tokens: readonly number[]): string;
  /** Renders the chat template; rejects the request when the template does. */
  renderChat(variables: Readonly<Record<string, unknown>>): string;
  compile(constraint: Constraint): Promise<Grammar>;
  embed(text: string): Promise<{ readonly vector: readonly number[]; readonly tokens: number }>;
}

export function createTextModel(loaded: LoadedModel): TextModel {
  const { model } = loaded;
  const vocabulary = [...model.iterateAllTokens()];
  const sheet = readSheet(loaded, vocabulary.length);
  const tokenize = (text: string, special: boolean): readonly number[] => model.tokenize(text, special);
  const renderer = createRenderer(loaded, sheet.template);
  const embed = createEmbedder(loaded);
  return {
    sheet,
    endings: vocabulary.filter((token) => model.isEogToken(token)),
    tokenize,
    tokenizePrompt(text) {
      const tokens = tokenize(text, true);
      const { bos, shouldPrependBosToken } = model.tokens;
      return shouldPrependBosToken && bos !== null && tokens[0] !== bos ? [bos, ...tokens] : tokens;
    },
    detokenize: (tokens) => model.detokenize(asTokens(tokens), true),
    renderChat: (variables) => refuse('the chat template failed', () => renderer().render(variables)),
    compile: (constraint) => compile(loaded, constraint),
    embed,
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
    description: model.typeDescription,
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
      throw new ApiError('not_supported_error', 'this model has no chat template; use /v1/completions');
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

async function compile({ library, llama, model }: LoadedModel, constraint: Constraint): Promise<Grammar> {
  const compiled = await refuseAsync(() => compileWith(llama, constraint));
  // The grammar is only parsed when it is first used: do so here, where a bad one is still the client's error.
  refuse('the grammar is invalid', () => new library.LlamaGrammarEvaluationState({ model, grammar: compiled }));
  return wrapGrammar(compiled);
}

async function compileWith(llama: LoadedModel['llama'], constraint: Constraint): Promise<LlamaGrammar> {
  switch (constraint.kind) {
    case 'grammar':
      return llama.createGrammar({ grammar: constraint.text });
    case 'schema': {
      // The library checks the schema itself; its types describe literals only.
      const written = await llama.createGrammarForJsonSchema(constraint.schema as never);
      return llama.createGrammar({ grammar: withoutTail(written.grammar) });
    }
    case 'json':
      return llama.createGrammar({ grammar: JSON_GRAMMAR });
    default:
      return constraint satisfies never;
  }
}

async function refuseAsync<Value>(run: () => Promise<Value>): Promise<Value> {
  try {
    return await run();
  } catch (error) {
    throw new ApiError('invalid_request_error', `the grammar is invalid: ${String(error)}`);
  }
}

/** A context of its own, made at the first request: most instances never embed. */
function createEmbedder({ model, context }: LoadedModel): TextModel['embed'] {
  let created: Promise<LlamaEmbeddingContext> | null = null;
  return async (text) => {
    created ??= model.createEmbeddingContext({ contextSize: context.contextSize, threads: context.idealThreads });
    const tokens = model.tokenize(text, true);
    const { vector } = await (await created).getEmbeddingFor(tokens);
    return { vector, tokens: tokens.length };
  };
}
