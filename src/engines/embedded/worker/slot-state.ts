/** One slot at work: from a prompt to its ending, token by token. Decides when it ends; decodes nothing itself. */

import { commonPrefix } from './batch-policy.ts';
import type { Decoder, Sampler } from './decoder.ts';
import type { Ending, Generation, GenerationSink, Timings } from './generation.ts';
import { createStopFilter } from './stop-filter.ts';
import type { StopFilter } from './stop-filter.ts';
import { createTokenText } from './token-text.ts';
import type { TokenText } from './token-text.ts';

/** A generation that was asked for, waiting or running. */
export interface Job {
  readonly id: number;
  readonly generation: Generation;
  readonly sink: GenerationSink;
  cancelled: boolean;
}

/** What the loop keeps of a slot between and during jobs. */
export interface Slot {
  readonly id: number;
  /** Tokens whose state the slot holds. */
  cached: number[];
  lastUsed: number;
  work: Work | null;
}

/** A job on its slot. */
export interface Work {
  readonly job: Job;
  readonly sampler: Sampler;
  readonly text: TokenText;
  readonly stops: StopFilter;
  readonly cachedTokens: number;
  readonly startedAt: number;
  /** Tokens to decode next: the unread rest of the prompt, or the token drawn last. */
  pending: number[];
  firstTokenAt: number | null;
  predicted: number;
  lastTokenAt: number;
}

/** What one drawn token brings. */
export interface Progress {
  readonly text: string;
  readonly ending: Ending | null;
}

/** Puts a job on a free slot, keeping what the slot already knows of the prompt. */
export function beginWork(slot: Slot, job: Job, decoder: Decoder, now: number): Work {
  const { prompt, reusePrompt, sampling, grammar, stop } = job.generation;
  // The last prompt token is always decoded again: its logits are needed.
  const shared = reusePrompt ? Math.min(commonPrefix(slot.cached, prompt), prompt.length - 1) : 0;
  const kept = shared < slot.cached.length && !decoder.forget(slot.id, shared) ? 0 : shared;
  slot.cached = slot.cached.slice(0, kept);
  const work: Work = {
    job,
    sampler: decoder.createSampler(sampling, grammar, prompt),
    text: createTokenText(decoder, prompt),
    stops: createStopFilter(stop),
    cachedTokens: kept,
    startedAt: now,
    pending: prompt.slice(kept),
    firstTokenAt: null,
    predicted: 0,
    lastTokenAt: now,
  };
  slot.work = work;
  return work;
}

export function isReading(work: Work): boolean {
  return work.firstTokenAt === null;
}

export function timingsOf(work: Work): Timings {
  const promptEnd = work.firstTokenAt ?? work.lastTokenAt;
  return {
    cachedTokens: work.cachedTokens,
    promptTokens: work.job.generation.prompt.length - work.cachedTokens,
    promptMs: promptEnd - work.startedAt,
    predictedTokens: work.predicted,
    predictedMs: work.lastTokenAt - promptEnd,
  };
}

/** Takes the token drawn after the last pending one; null: a grammar allowed none. */
export function acceptToken(slot: Slot, work: Work, token: number | null, decoder: Decoder, now: number): Progress {
  work.firstTokenAt ??= now;
  work.lastTokenAt = now;
  if (work.job.generation.maxTokens === 0) return finish(slot, work, 'limit', '');
  work.predicted++;
  if (token === null || decoder.endsGeneration(token)) return finish(slot, work, 'eos', '');
  const { text, stoppedBy } = work.stops.push(work.text.push(token));
  if (stoppedBy !== null) return { ...finish(slot, work, 'word', stoppedBy), text };
  const full = slot.cached.length + 1 >= decoder.contextSize;
  if (full || work.predicted >= work.job.generation.maxTokens) {
    const rest = finish(slot, work, 'limit', '');
    return { ...rest, text: text + rest.text };
  }
  work.pending = [token];
  return { text, ending: null };
}

function finish(slot: Slot, work: Work, kind: Ending['kind'], stoppingWord: string): Progress {
  const last = kind === 'word' ? { text: '', stoppedBy: null } : work.stops.push(work.text.flush());
  const word = last.stoppedBy ?? stoppingWord;
  const ending: Ending = {
    kind: last.stoppedBy === null ? kind : 'word',
    stoppingWord: word,
    promptTokens: work.job.generation.prompt.length,
    timings: timingsOf(work),
    slot: slot.id,
  };
  return { text: ending.kind === 'word' ? last.text : last.text + work.stops.flush(), ending };
}
