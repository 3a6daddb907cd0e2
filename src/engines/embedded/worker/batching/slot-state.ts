/** One slot at work: from a prompt to its ending, token by token. Decides when it ends; decodes nothing itself. */

import { commonPrefix } from './batch-policy.ts';
import type { Decoder, Drawn, Sampler } from './decoder.ts';
import type { Ending, Generation, GenerationSink, LateGrammar, SaidToken, Timings } from './generation.ts';
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
  /** Its reader is behind: it keeps its slot and waits. */
  held: boolean;
}

/** What the loop keeps of a slot between and during jobs. */
export interface Slot {
  readonly id: number;
  /** Tokens whose state the slot holds. */
  cached: number[];
  lastUsed: number;
  /** The last job that had this slot; 0: none yet. */
  lastJob: number;
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
  /** Tokens drawn since the last text was handed on, where probabilities are asked for. */
  unsaid: SaidToken[];
  /** The grammar that still waits for its marker, and the last text, in which the marker may have begun. */
  late: LateGrammar | null;
  tail: string;
  firstTokenAt: number | null;
  predicted: number;
  lastTokenAt: number;
}

/** What one drawn token brings. */
interface Progress {
  readonly text: string;
  readonly ending: Ending | null;
}

/** Puts a job on a free slot, keeping what the slot already knows of the prompt. */
export function beginWork(slot: Slot, job: Job, decoder: Decoder, now: number): Work {
  const { prompt, reusePrompt, stop, late, showsControl } = job.generation;
  // The last prompt token is always decoded again: its logits are needed.
  const shared = reusePrompt ? Math.min(commonPrefix(slot.cached, prompt), prompt.length - 1) : 0;
  const kept = shared < slot.cached.length && !decoder.forget(slot.id, shared) ? 0 : shared;
  slot.cached = slot.cached.slice(0, kept);
  const work: Work = {
    job,
    sampler: decoder.createSampler(job.generation),
    text: createTokenText({ detokenize: (tokens, recent) => decoder.detokenize(tokens, recent, showsControl) }, prompt),
    stops: createStopFilter(stop),
    cachedTokens: kept,
    startedAt: now,
    pending: prompt.slice(kept),
    unsaid: [],
    late,
    tail: '',
    firstTokenAt: null,
    predicted: 0,
    lastTokenAt: now,
  };
  slot.work = work;
  slot.lastJob = job.id;
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

/** Takes what was drawn after the last pending token. */
export function acceptToken(slot: Slot, work: Work, { token, said }: Drawn, decoder: Decoder, now: number): Progress {
  work.firstTokenAt ??= now;
  work.lastTokenAt = now;
  if (work.job.generation.maxTokens === 0) return finish(slot, work, 'limit', '');
  work.predicted++;
  if (token === null || decoder.endsGeneration(token)) return finish(slot, work, 'eos', '');
  if (said !== null) work.unsaid.push(said);
  const piece = work.text.push(token);
  if (work.late !== null) noticeMarker(work, work.late, piece);
  const { text, stoppedBy } = work.stops.push(piece);
  if (stoppedBy !== null) return { ...finish(slot, work, 'word', stoppedBy), text };
  const full = slot.cached.length + 1 >= decoder.contextSize;
  if (full || work.predicted >= work.job.generation.maxTokens) {
    const rest = finish(slot, work, 'limit', '');
    return { ...rest, text: text + rest.text };
  }
  work.pending = [token];
  return { text, ending: null };
}

/** The tokens behind a text that is handed on now. */
export function takeSaid(work: Work): readonly SaidToken[] {
  const said = work.unsaid;
  if (said.length > 0) work.unsaid = [];
  return said;
}

function noticeMarker(work: Work, { marker, grammar }: LateGrammar, piece: string): void {
  const text = work.tail + piece;
  const at = text.indexOf(marker);
  work.tail = text.slice(-(marker.length - 1));
  if (at < 0) return;
  work.late = null;
  work.sampler.constrain(grammar, text.slice(at)); // false: what was said is no call; it stays text
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
