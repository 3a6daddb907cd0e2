/** What the worker tells of itself: models, properties, slots, metrics. Bodies in llama-server's shape. */

import type { ReadyEngine } from './ready-engine.ts';
import type { Slot } from './slot-state.ts';

export function modelsBody({ options, model, decoder, clock }: ReadyEngine): object {
  const { sheet } = model;
  const meta = {
    n_vocab: sheet.vocabularySize,
    n_ctx: decoder.contextSize,
    n_ctx_train: sheet.trainContextSize,
    n_embd: sheet.embeddingLength,
    n_params: sheet.parameters,
    size: sheet.sizeBytes,
    ftype: sheet.description,
  };
  const created = Math.floor(clock.now() / 1000);
  return {
    object: 'list',
    data: [{ id: options.alias, aliases: [options.alias], object: 'model', created, owned_by: 'drover', meta }],
  };
}

export function propsBody({ options, model, decoder, build }: ReadyEngine): object {
  return {
    default_generation_settings: { n_ctx: decoder.contextSize, params: {} },
    total_slots: decoder.slots,
    model_alias: options.alias,
    model_path: options.model,
    modalities: { vision: false, audio: false },
    endpoint_slots: true,
    endpoint_props: false,
    endpoint_metrics: true,
    chat_template: model.sheet.template ?? '',
    bos_token: model.sheet.bos,
    eos_token: model.sheet.eos,
    build_info: build,
    is_sleeping: false,
  };
}

export function slotsBody({ loop, decoder }: ReadyEngine): readonly object[] {
  return loop.slots.map((slot) => slotBody(slot, decoder.contextSize));
}

export function idleSlots({ loop }: ReadyEngine): number {
  return loop.slots.filter((slot) => slot.work === null).length;
}

function slotBody({ id, work }: Slot, contextSize: number): object {
  const idle = { id, n_ctx: contextSize, speculative: false, is_processing: false };
  if (work === null) return idle;
  const { maxTokens, prompt, sampling } = work.job.generation;
  const limit = Number.isFinite(maxTokens) ? maxTokens : -1;
  return {
    ...idle,
    is_processing: true,
    id_task: work.job.id,
    n_prompt_tokens: prompt.length,
    n_prompt_tokens_cache: work.cachedTokens,
    n_prompt_tokens_processed:
      prompt.length - work.cachedTokens - (work.firstTokenAt === null ? work.pending.length : 0),
    params: {
      seed: sampling.seed,
      temperature: sampling.temperature,
      top_k: sampling.topK,
      top_p: sampling.topP,
      min_p: sampling.minP,
      max_tokens: limit,
      n_predict: limit,
    },
    next_token: [
      {
        has_next_token: true,
        has_new_line: false,
        n_remain: limit < 0 ? -1 : limit - work.predicted,
        n_decoded: work.predicted,
      },
    ],
  };
}

export function metricsText({ loop, counters }: ReadyEngine): string {
  const processing = loop.slots.filter((slot) => slot.work !== null).length;
  return counters.render({ processing, deferred: loop.waiting });
}
