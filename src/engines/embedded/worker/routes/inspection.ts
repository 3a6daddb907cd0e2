/** What the worker tells of itself: models, properties, slots, metrics. Bodies in llama-server's shape. */

import type { Generation } from '../batching/generation.ts';
import { isReading } from '../batching/slot-state.ts';
import type { Slot } from '../batching/slot-state.ts';
import type { ReadyEngine } from '../ready-engine.ts';
import { readSampling } from '../request/sampling-fields.ts';
import { syntaxOf } from '../tools/tool-syntax.ts';

export function modelsBody({ options, model, decoder, clock }: ReadyEngine): object {
  const { sheet } = model;
  const meta = {
    n_vocab: sheet.vocabularySize,
    n_ctx: decoder.contextSize,
    n_ctx_train: sheet.trainContextSize,
    n_embd: sheet.embeddingLength,
    n_params: sheet.parameters,
    size: sheet.sizeBytes,
    ftype: sheet.fileType,
  };
  const created = Math.floor(clock.now() / 1000);
  return {
    object: 'list',
    data: [{ id: options.alias, aliases: [options.alias], object: 'model', created, owned_by: 'drover', meta }],
  };
}

export function propsBody({ options, model, decoder, build }: ReadyEngine): object {
  const { sheet } = model;
  return {
    default_generation_settings: { params: defaultParams(decoder.contextSize), n_ctx: decoder.contextSize },
    total_slots: decoder.slots,
    model_alias: options.alias,
    model_ftype: sheet.fileType,
    model_path: options.model,
    modalities: { vision: false, video: false, audio: false },
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: true,
    chat_template: sheet.template ?? '',
    chat_template_caps: { supports_tools: syntaxOf(sheet.template ?? '') !== null },
    bos_token: sheet.bos,
    eos_token: sheet.eos,
    build_info: build,
    is_sleeping: false,
  };
}

/** What a request without any parameter gets. */
function defaultParams(contextSize: number): object {
  const noWords = { tokenize: () => [], endings: [], vocabularySize: 0, contextSize };
  return paramsBody({
    sampling: { ...readSampling({ seed: RANDOM_SEED }, noWords), seed: RANDOM_SEED },
    maxTokens: Infinity,
  });
}

/** How llama-server tells a seed that is drawn anew for each request. */
const RANDOM_SEED = 2 ** 32 - 1;

export function paramsBody({ sampling, maxTokens }: Pick<Generation, 'sampling' | 'maxTokens'>): object {
  const limit = Number.isFinite(maxTokens) ? maxTokens : -1;
  return {
    seed: sampling.seed,
    temperature: sampling.temperature,
    top_k: sampling.topK,
    top_p: sampling.topP,
    min_p: sampling.minP,
    xtc_probability: sampling.xtcProbability,
    xtc_threshold: sampling.xtcThreshold,
    repeat_last_n: sampling.penaltyTokens,
    repeat_penalty: sampling.repeatPenalty,
    presence_penalty: sampling.presencePenalty,
    frequency_penalty: sampling.frequencyPenalty,
    dry_multiplier: sampling.dryMultiplier,
    dry_base: sampling.dryBase,
    dry_allowed_length: sampling.dryAllowedLength,
    dry_penalty_last_n: sampling.dryTokens,
    max_tokens: limit,
    n_predict: limit,
  };
}

export function slotsBody({ loop, decoder }: ReadyEngine): readonly object[] {
  return loop.slots.map((slot) => slotBody(slot, decoder.contextSize));
}

export function idleSlots({ loop }: ReadyEngine): number {
  return loop.slots.filter((slot) => slot.work === null).length;
}

/** An idle slot still names its last task, so that a watcher sees work that came and went between two looks. */
function slotBody({ id, work, lastJob }: Slot, contextSize: number): object {
  const common = { id, n_ctx: contextSize, speculative: false, is_processing: work !== null };
  if (work === null)
    return lastJob === 0 ? common : { ...common, id_task: lastJob, next_token: [nextToken(false, -1, 0)] };
  const { maxTokens, prompt } = work.job.generation;
  const unread = isReading(work) ? work.pending.length : 0;
  return {
    ...common,
    id_task: work.job.id,
    n_prompt_tokens: prompt.length,
    n_prompt_tokens_processed: prompt.length - work.cachedTokens - unread,
    n_prompt_tokens_cache: work.cachedTokens,
    params: paramsBody(work.job.generation),
    next_token: [nextToken(true, Number.isFinite(maxTokens) ? maxTokens - work.predicted : -1, work.predicted)],
  };
}

function nextToken(follows: boolean, remaining: number, decoded: number): object {
  return { has_next_token: follows, has_new_line: false, n_remain: remaining, n_decoded: decoded };
}

export function metricsText({ loop, counters }: ReadyEngine): string {
  const processing = loop.slots.filter((slot) => slot.work !== null).length;
  return counters.render({ processing, deferred: loop.waiting });
}
