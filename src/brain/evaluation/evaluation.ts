/**
 * The end of an attempt whose work is done: at once, or, where the plan wants it judged, after the brain has said what
 * it thinks. Meanwhile the controller holds the task; a new life of it asks again.
 */

import { subject } from '../../contract/index.ts';
import { attemptsOfTask, scoreAttempt, workDone } from '../../store/index.ts';
import type { AttemptEnd } from '../../store/index.ts';
import { CONTROLLER } from '../book.ts';
import { choiceWords } from '../choosing/choices.ts';
import type { Known } from '../known.ts';
import type { Trace } from '../tasks/task-codec.ts';
import { holderOf } from '../tasks/task-state.ts';
import { claimOf, closeAttempt, expect, keyOf, move, UNMEASURED } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';
import type { DoneWork } from './done-work.ts';
import { REDO_SCORE } from './judgement.ts';
import type { Judgement } from './judgement.ts';

/** Ends a task well with its attempt, now or after its judgement. */
export function succeed(turn: Turn, known: Known, end: AttemptEnd, trace: Trace): void {
  if (known.node.evaluate !== true || known.batch.cancelling) return close(turn, known, { end, trace });
  const away = turn.deps.brainModel.unavailable();
  if (away === null) return beginJudgement(turn, known, { end, trace });
  noteJudgement(turn, known, { kind: 'unscored', reason: `not evaluated: ${away}` });
  close(turn, known, { end, trace });
}

function beginJudgement(turn: Turn, known: Known, work: DoneWork): void {
  const { end, trace } = work;
  expect(turn, workDone(turn.tx, known.id, known.task.attempt, end));
  turn.effects.push({ kind: 'closed', key: keyOf(known) });
  known.charge = null;
  if (holderOf(known.task)?.agent !== CONTROLLER) {
    const holder = { agent: CONTROLLER, epoch: turn.book.epoch };
    const startedAt = end.startedAt ?? end.endedAt;
    move(turn, known, { kind: 'handed-over', claim: claimOf(known), holder, device: trace.device, startedAt });
  }
  turn.effects.push({ kind: 'judge', known, work });
}

/** What the brain has said; a poor score has the task done once more, the first time. */
export async function applyJudgement(turn: Turn, known: Known, work: DoneWork, judgement: Judgement): Promise<void> {
  const { id, task } = known;
  noteJudgement(turn, known, judgement);
  const poor = judgement.kind === 'scored' && judgement.score <= REDO_SCORE && !known.batch.cancelling;
  if (!poor || (await wasPoorBefore(turn, id, task.attempt))) return close(turn, known, work);
  const reason = `scored ${judgement.score} of 5: ${judgement.reason}`;
  const claim = claimOf(known);
  closeAttempt(turn, known, { ...work.end, result: 'failed', class: 'output', reason });
  move(turn, known, { kind: 'retried', claim, class: 'output', reason, free: true, delayMs: 0 }, work.trace);
}

async function wasPoorBefore({ tx }: Turn, id: number, no: number): Promise<boolean> {
  const attempts = await attemptsOfTask(tx.db, id);
  return attempts.some((attempt) => attempt.no < no && (attempt.score ?? Infinity) <= REDO_SCORE);
}

function noteJudgement(turn: Turn, known: Known, judgement: Judgement): void {
  const { attempt } = known.task;
  const score = judgement.kind === 'scored' ? judgement.score : null;
  const { reason } = judgement;
  expect(turn, scoreAttempt(turn.tx, known.id, attempt, { score, reason }));
  const data = { attempt, score, reason };
  turn.tx.record({ type: 'task.evaluated', subject: subject.task(known.batch.id, known.name), data });
}

function close(turn: Turn, known: Known, { end, trace }: DoneWork): void {
  const claim = claimOf(known);
  const durationMs = end.endedAt - (end.startedAt ?? end.endedAt);
  closeAttempt(turn, known, end);
  const { checked } = known;
  const note = noteOf(known, turn);
  move(turn, known, { kind: 'succeeded', claim, durationMs, ...(note === null ? {} : { note }) }, trace);
  if (checked) turn.effects.push({ kind: 'keep-result', known });
}

/** What is to be said of a success: why it was not reused, and by which model, where no plan says it. */
function noteOf(known: Known, { book }: Turn): string | null {
  const because = known.checked?.because ?? null;
  const notes = [because === null ? null : `ran again: ${because}`, choiceWords(known, book)];
  return notes.filter((note) => note !== null).join('; ') || null;
}

/** True when its work was done before our last life ended: the brain is asked about it again. */
export async function resumeJudgement(turn: Turn, known: Known): Promise<boolean> {
  if (known.kind !== 'task' || known.node.evaluate !== true) return false;
  const attempts = await attemptsOfTask(turn.tx.db, known.id);
  const row = attempts.find(({ no }) => no === known.task.attempt);
  if (row === undefined || row.ended_at === null || row.result !== null) return false;
  const trace = { device: row.device, startedAt: row.started_at, exitCode: row.exit_code };
  const end: AttemptEnd = {
    ...UNMEASURED,
    ...trace,
    result: 'succeeded',
    endedAt: row.ended_at,
    tail: row.tail,
    peakMemoryBytes: row.peak_memory_bytes,
    tokensIn: row.tokens_in,
    tokensOut: row.tokens_out,
  };
  turn.effects.push({ kind: 'judge', known, work: { end, trace } });
  return true;
}
