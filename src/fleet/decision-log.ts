/**
 * Mirrors the decisions among the facts into a file for `tail -f`, one JSON object a line. The store is the truth:
 * after a death the mirror goes on behind the last line that it has.
 */

import { appendFile } from 'node:fs/promises';

import { isDecision } from '../contract/decisions.ts';
import type { Fact } from '../contract/index.ts';
import { every, isoTime, readFileEnd, rotateLog } from '../kernel/index.ts';
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
  let after = Math.max(lastSeqIn(path) ?? newest, newest - MISSED);

  async function mirror(): Promise<void> {
    for (;;) {
      const from = after;
      const page = await store.read((db) => listFacts(db, { afterSeq: from, limit: PAGE }));
      const lines = page.filter(({ type }) => isDecision(type)).map(lineOf);
      if (lines.length > 0) await appendFile(path, lines.join(''), { mode: 0o600 });
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

/** The number in the last whole line; null when there is none. */
function lastSeqIn(path: string): number | null {
  const { text } = readFileEnd(path, { maxBytes: TAIL_BYTES });
  const line = text.slice(0, text.lastIndexOf('\n')).split('\n').at(-1) ?? '';
  const seq = /^\{"seq":(\d+),/.exec(line)?.[1];
  return seq === undefined ? null : Number(seq);
}
