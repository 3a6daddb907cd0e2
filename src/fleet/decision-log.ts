/**
 * Mirrors the decisions among the facts into a file for `tail -f`, one JSON object a line. The store is the truth:
 * after a death the mirror goes on behind the last line that it has, which a rotation may just have moved on, and
 * completes one that was half written.
 */

import { appendFile } from 'node:fs/promises';

import { isDecision } from '../contract/decisions.ts';
import type { Fact } from '../contract/index.ts';
import { every, isoTime, olderPart, partialCopy, readFileEnd, rotateLog } from '../kernel/index.ts';
import type { Clock, Log, RotationLimits } from '../kernel/index.ts';
import { latestSeq, listFacts } from '../store/index.ts';
import type { Store } from '../store/index.ts';

interface DecisionLogDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly path: string;
  readonly signal: AbortSignal;
}

const LIMITS: RotationLimits = { maxBytes: 20 * 1024 * 1024, keep: 5 };
const BEAT_MS = 1_000;
const PAGE = 5_000;
/** Facts that a start makes up for at most. */
const MISSED = 100_000;
const TAIL_BYTES = 64 * 1024;

/** Mirrors until the signal aborts. A failure to write is logged, and tried again. */
export async function keepDecisionLog({ store, clock, log, path, signal }: DecisionLogDeps): Promise<void> {
  const newest = await store.read(latestSeq);
  const end = endOf(path);
  let after = Math.max(end.seq ?? newest, newest - MISSED);
  let { half } = end;

  async function mirror(): Promise<void> {
    for (;;) {
      const from = after;
      const page = await store.read((db) => listFacts(db, { afterSeq: from, limit: PAGE }));
      const lines = page.filter(({ type }) => isDecision(type)).map(lineOf);
      if (lines.length > 0) await appendFile(path, behind(half, lines.join('')), { mode: 0o600 });
      if (lines.length > 0) half = '';
      after = page.at(-1)?.seq ?? after;
      if (page.length < PAGE) break;
    }
    await rotateLog(path, LIMITS);
  }

  let due = true;
  using _listening = store.facts.subscribe((fact) => void (due ||= isDecision(fact.type)));
  const look = async (): Promise<void> => {
    if (!due) return;
    due = false;
    await mirror();
  };
  await every(clock, BEAT_MS, signal, look, (error) => {
    due = true;
    log.warn({ err: error, path }, 'decisions not mirrored');
  });
}

function lineOf({ seq, at, type, subject, data }: Fact): string {
  return `${JSON.stringify({ seq, at: isoTime(at), type, subject, data })}\n`;
}

/** What is still to write of a text whose first line may have been begun. */
function behind(half: string, text: string): string {
  if (text.startsWith(half)) return text.slice(half.length);
  return `\n${text}`;
}

interface MirrorEnd {
  /** Of the last fact that was written whole; null when there is none. */
  readonly seq: number | null;
  /** The line that a death has cut off. */
  readonly half: string;
}

/** Of the log; right after a rotation of what was moved, and, when that died, of what it had copied. */
function endOf(path: string): MirrorEnd {
  const text = tailOf(path);
  const begun = text.lastIndexOf('\n') + 1;
  const half = text.slice(begun);
  const written = seqOf(lastLine(text.slice(0, begun)));
  if (written !== null) return { seq: written, half };
  const begunSeq = seqOf(half);
  if (begunSeq !== null) return { seq: begunSeq - 1, half };
  const moved = [partialCopy(path), olderPart(path, 1)].flatMap((part) => seqOf(lastLine(tailOf(part))) ?? []);
  return { seq: moved[0] ?? null, half };
}

function tailOf(path: string): string {
  return readFileEnd(path, { maxBytes: TAIL_BYTES }).text;
}

function lastLine(text: string): string {
  return text.trimEnd().split('\n').at(-1) ?? '';
}

function seqOf(line: string): number | null {
  const seq = /^\{"seq":(\d+),/.exec(line)?.[1];
  return seq === undefined ? null : Number(seq);
}
