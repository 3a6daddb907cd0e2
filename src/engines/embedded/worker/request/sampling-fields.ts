/** Sampling parameters of a request body, with llama-server's names, aliases and defaults. Pure. */

import { randomInt } from 'node:crypto';

import { ApiError } from '../api-error.ts';
import type { Sampling } from '../batching/generation.ts';
import { booleanField, isRecord, numberField, stringListField } from './fields.ts';
import type { Body } from './fields.ts';

/** What a request's biases need of the model. */
interface BiasVocabulary {
  tokenize(text: string): readonly number[];
  readonly endings: readonly number[];
  readonly vocabularySize: number;
  readonly contextSize: number;
}

/** Far beyond any logit, and far from what a float cannot hold. */
const LARGEST_BIAS = 1_000_000;
const DEFAULT_BREAKERS: readonly string[] = ['\n', ':', '"', '*'];

export function readSampling(body: Body, vocabulary: BiasVocabulary): Sampling {
  const breakers = stringListField(body, 'dry_sequence_breakers');
  return {
    temperature: numberField(body, ['temperature'], 0.8, { least: 0, most: 1_000 }),
    topK: numberField(body, ['top_k'], 40, { least: -1, whole: true }),
    topP: numberField(body, ['top_p'], 0.95, { least: 0, most: 1 }),
    minP: numberField(body, ['min_p'], 0.05, { least: 0, most: 1 }),
    seed: readSeed(body),
    repeatPenalty: numberField(body, ['repeat_penalty'], 1, { least: 0.01, most: 100 }),
    presencePenalty: numberField(body, ['presence_penalty'], 0, { least: -2, most: 2 }),
    frequencyPenalty: numberField(body, ['frequency_penalty'], 0, { least: -2, most: 2 }),
    penaltyTokens: lastTokens(body, 'repeat_last_n', 64, vocabulary.contextSize),
    xtcProbability: numberField(body, ['xtc_probability'], 0, { least: 0, most: 1 }),
    xtcThreshold: numberField(body, ['xtc_threshold'], 0.1, { least: 0, most: 1 }),
    dryMultiplier: numberField(body, ['dry_multiplier'], 0, { least: 0, most: 1_000 }),
    dryBase: numberField(body, ['dry_base'], 1.75, { least: 1, most: 100 }),
    dryAllowedLength: numberField(body, ['dry_allowed_length'], 2, { least: 0, whole: true }),
    dryTokens: lastTokens(body, 'dry_penalty_last_n', 64, vocabulary.contextSize),
    drySequenceBreakers: breakers.length > 0 ? breakers : DEFAULT_BREAKERS,
    bias: readBias(body, vocabulary),
  };
}

/** -1 asks for a random one. The sampler takes 32 bits. */
function readSeed(body: Body): number {
  const seed = numberField(body, ['seed'], -1, { whole: true, most: Number.MAX_SAFE_INTEGER });
  return seed === -1 ? randomInt(2 ** 32) : Math.abs(seed) % 2 ** 32;
}

/** -1 means the whole context. */
function lastTokens(body: Body, name: string, fallback: number, contextSize: number): number {
  const count = numberField(body, [name], fallback, { least: -1, whole: true });
  return count === -1 ? contextSize : Math.min(count, contextSize);
}

/** `{"261": -5}`, `[[261, -5], ["word", false]]`; false forbids, and a text biases each of its tokens. */
function readBias(body: Body, vocabulary: BiasVocabulary): ReadonlyMap<number, number> {
  const bias = new Map<number, number>();
  for (const [key, value] of biasPairs(body['logit_bias'])) {
    for (const token of biasTokens(key, vocabulary)) bias.set(token, biasValue(value));
  }
  if (booleanField(body, 'ignore_eos', false)) for (const token of vocabulary.endings) bias.set(token, -Infinity);
  return bias;
}

function biasPairs(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value === undefined || value === null) return [];
  if (isRecord(value)) return Object.entries(value);
  if (Array.isArray(value) && value.every((pair) => Array.isArray(pair) && pair.length === 2)) {
    return value.map((pair: readonly unknown[]) => [pair[0], pair[1]] as const);
  }
  throw new ApiError('invalid_request_error', '"logit_bias" must be an object or a list of pairs');
}

function biasTokens(key: unknown, vocabulary: BiasVocabulary): readonly number[] {
  if (typeof key === 'string' && !/^\d+$/.test(key)) return vocabulary.tokenize(key);
  const token = typeof key === 'string' ? Number(key) : key;
  if (typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < vocabulary.vocabularySize) {
    return [token];
  }
  throw new ApiError('invalid_request_error', '"logit_bias" keys must be token ids of this model or strings');
}

function biasValue(value: unknown): number {
  if (value === false) return -Infinity;
  if (typeof value === 'number' && Math.abs(value) <= LARGEST_BIAS) return value;
  throw new ApiError('invalid_request_error', `"logit_bias" values must be false or numbers up to ${LARGEST_BIAS}`);
}
