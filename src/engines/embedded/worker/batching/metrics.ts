/** Counts what the worker does and tells it in llama-server's Prometheus names. */

import type { Timings } from './generation.ts';

export interface WorkerCounters {
  /** A generation left its slot, whether it ended or was cancelled. */
  released(timings: Timings): void;
  /** One decoding step over so many busy slots. */
  decoded(busySlots: number): void;
  render(gauges: { readonly processing: number; readonly deferred: number }): string;
}

export function createWorkerCounters(): WorkerCounters {
  const totals = { prompt: 0, cached: 0, promptMs: 0, predicted: 0, predictedMs: 0, decodes: 0, busy: 0, longest: 0 };
  return {
    released(timings) {
      totals.prompt += timings.promptTokens;
      totals.cached += timings.cachedTokens;
      totals.promptMs += timings.promptMs;
      totals.predicted += timings.predictedTokens;
      totals.predictedMs += timings.predictedMs;
      const length = timings.cachedTokens + timings.promptTokens + timings.predictedTokens;
      totals.longest = Math.max(totals.longest, length);
    },
    decoded(busySlots) {
      totals.decodes++;
      totals.busy += busySlots;
    },
    render({ processing, deferred }) {
      return [
        ...line('prompt_tokens_total', 'counter', 'Prompt tokens processed, without cached ones', totals.prompt),
        ...line('prompt_tokens_cached_total', 'counter', 'Prompt tokens reused from a slot', totals.cached),
        ...line('prompt_seconds_total', 'counter', 'Time spent on prompts', totals.promptMs / 1000),
        ...line('tokens_predicted_total', 'counter', 'Tokens generated', totals.predicted),
        ...line('tokens_predicted_seconds_total', 'counter', 'Time spent generating', totals.predictedMs / 1000),
        ...line('n_decode_total', 'counter', 'Decoding steps', totals.decodes),
        ...line('spec_decode_num_draft_tokens_total', 'counter', 'Drafted tokens: never any', 0),
        ...line('spec_decode_num_accepted_tokens_total', 'counter', 'Accepted drafted tokens: never any', 0),
        ...line('spec_decode_num_drafts_total', 'counter', 'Drafts: never any', 0),
        ...line('n_tokens_max', 'counter', 'Longest sequence seen', totals.longest),
        ...line(
          'prompt_tokens_seconds',
          'gauge',
          'Prompt tokens per second',
          perSecond(totals.prompt, totals.promptMs),
        ),
        ...line(
          'predicted_tokens_seconds',
          'gauge',
          'Tokens per second',
          perSecond(totals.predicted, totals.predictedMs),
        ),
        ...line('requests_processing', 'gauge', 'Requests on a slot', processing),
        ...line('requests_deferred', 'gauge', 'Requests waiting for a slot', deferred),
        ...line('n_busy_slots_per_decode', 'gauge', 'Busy slots per step', totals.busy / Math.max(1, totals.decodes)),
        '',
      ].join('\n');
    },
  };
}

export function perSecond(count: number, elapsedMs: number): number {
  return elapsedMs > 0 ? (count / elapsedMs) * 1000 : 0;
}

function line(name: string, type: 'counter' | 'gauge', help: string, value: number): readonly string[] {
  return [`# HELP llamacpp:${name} ${help}`, `# TYPE llamacpp:${name} ${type}`, `llamacpp:${name} ${value}`];
}
