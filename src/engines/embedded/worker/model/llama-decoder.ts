/** The decoder over node-llama-cpp: batches, samplers, grammars and text for one loaded model. */

import type { LlamaModel } from 'node-llama-cpp';

import type { BatchItem, Decoder, Drawn, Sampler } from '../batching/decoder.ts';
import type { Grammar } from '../batching/generation.ts';
import type { Sampling } from '../batching/generation.ts';
import { coreBindings, coreContext, coreModel } from './library-core.ts';
import type { CoreContext, CoreSampler, CoreSamplerConfig } from './library-core.ts';
import { grammarState } from './llama-grammar.ts';
import type { LoadedModel } from './load-model.ts';
import { createTokenOdds } from './token-odds.ts';
import type { TokenOdds } from './token-odds.ts';

interface LlamaSampler extends Sampler {
  readonly core: CoreSampler;
  readonly odds: TokenOdds | null;
}

/** `endings` are the tokens that end a generation. */
export function createLlamaDecoder(loaded: LoadedModel, endings: ReadonlySet<number>): Decoder {
  const { model, context } = loaded;
  const core = coreContext(context);
  return {
    slots: context.totalSequences,
    contextSize: context.contextSize,
    batchSize: context.batchSize,
    detokenize: (tokens, recent, showsControl) => model.detokenize(asTokens(tokens), showsControl, asTokens(recent)),
    endsGeneration: (token) => endings.has(token),
    decode: (items) => decode(core, items),
    forget: (slot, position) => forget(core, slot, position),
    createSampler: (generation) => createSampler(loaded, generation),
  };
}

function createSampler(
  loaded: LoadedModel,
  { sampling, grammar, prompt, candidates }: Parameters<Decoder['createSampler']>[0],
): LlamaSampler {
  const bindings = coreBindings(loaded.llama);
  const model = coreModel(loaded.model);
  const core = new bindings.AddonSampler(model);
  const config = samplerConfig(sampling, prompt);
  const constrain = (by: Grammar, said: string): boolean => {
    const state = grammarState(loaded, by, said);
    // Penalties begin anew with the prompt: the library cannot be told of a new grammar alone.
    if (state !== null) core.applyConfig({ ...config, grammarEvaluationState: state });
    return state !== null;
  };
  if (grammar === null) core.applyConfig(config);
  else constrain(grammar, '');
  const odds = candidates === null ? null : createTokenOdds(bindings, model, candidates);
  return {
    core,
    odds,
    constrain,
    dispose() {
      core.dispose();
      odds?.dispose();
    },
  };
}

/** The library brands its token numbers. */
export function asTokens(tokens: readonly number[]): Parameters<LlamaModel['detokenize']>[0] {
  return tokens as Parameters<LlamaModel['detokenize']>[0];
}

async function decode(core: CoreContext, items: readonly BatchItem[]): Promise<readonly (Drawn | null)[]> {
  core.initBatch(items.reduce((sum, item) => sum + item.tokens.length, 0));
  const places = items.map((item) => {
    const logits = item.sampler === null ? [] : [item.tokens.length - 1];
    return core.addToBatch(item.slot, item.position, Uint32Array.from(item.tokens), Uint32Array.from(logits))[0];
  });
  await core.decodeBatch();
  const draws = items.map((item, at) => () => draw(core, item, places[at]));
  // The first draw puts the logits in order inside the library, which two threads must not do at once.
  const first = draws.findIndex((_, at) => places[at] !== undefined);
  const early = first < 0 ? null : await draws[first]?.();
  return Promise.all(draws.map((run, at) => (at === first ? (early ?? null) : run())));
}

async function draw(core: CoreContext, { sampler }: BatchItem, place: number | undefined): Promise<Drawn | null> {
  if (sampler === null || place === undefined) return null;
  const { core: drawing, odds } = sampler as LlamaSampler;
  const token = await core.sampleToken(place, drawing);
  if (token === -1) return { token: null, said: null };
  return { token, said: odds === null ? null : await odds.read(core, place, token) };
}

/**
 * Sliding windows have dropped what lies before their first cell, and recurrent state cannot go back: both start anew.
 */
function forget(core: CoreContext, slot: number, position: number): boolean {
  const whole = position === 0 || core.getSequenceKvCacheMinPosition(slot) > 0;
  if (!whole && core.removeTokenCellsFromSequence(slot, position, -1)) return true;
  core.disposeSequence(slot);
  return position === 0;
}

function samplerConfig(sampling: Sampling, prompt: readonly number[]): CoreSamplerConfig {
  return {
    temperature: sampling.temperature,
    topK: sampling.topK,
    topP: sampling.topP,
    minP: sampling.minP,
    seed: sampling.seed,
    ...penalties(sampling, prompt),
    ...(sampling.xtcProbability > 0
      ? { xtcProbability: sampling.xtcProbability, xtcThreshold: sampling.xtcThreshold }
      : {}),
    ...(sampling.dryMultiplier > 0
      ? {
          dryRepeatPenaltyStrength: sampling.dryMultiplier,
          dryRepeatPenaltyBase: sampling.dryBase,
          dryRepeatPenaltyAllowedLength: sampling.dryAllowedLength,
          dryRepeatPenaltyLastTokens: sampling.dryTokens,
          dryRepeatPenaltySequenceBreakers: sampling.drySequenceBreakers,
        }
      : {}),
    ...(sampling.bias.size > 0
      ? {
          tokenBiasKeys: Uint32Array.from(sampling.bias.keys()),
          tokenBiasValues: Float32Array.from(sampling.bias.values()),
        }
      : {}),
  };
}

/** The sampler keeps the history itself from here on; it begins with the end of the prompt. */
function penalties(sampling: Sampling, prompt: readonly number[]): Partial<CoreSamplerConfig> {
  const { repeatPenalty, presencePenalty, frequencyPenalty, penaltyTokens } = sampling;
  const off = repeatPenalty === 1 && presencePenalty === 0 && frequencyPenalty === 0;
  if (off || penaltyTokens === 0) return {};
  return {
    repeatPenalty,
    repeatPenaltyMaxTokens: penaltyTokens,
    repeatPenaltyTokens: Uint32Array.from(prompt.slice(-penaltyTokens)),
    repeatPenaltyPresencePenalty: presencePenalty,
    repeatPenaltyFrequencyPenalty: frequencyPenalty,
  };
}
