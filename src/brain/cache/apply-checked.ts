/** What the check of tasks with `cache: inputs` means for them: some have succeeded without running, the others go on. */

import { subject } from '../../contract/index.ts';
import { addToGroup } from '../../kernel/index.ts';
import { answerTask, reuseTasks } from '../../store/index.ts';
import { file } from '../book.ts';
import type { Known } from '../known.ts';
import { step } from '../tasks/task-state.ts';
import { expect, noteEnd } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';
import type { CacheVerdict } from './result-cache.ts';

export function applyChecked(turn: Turn, verdicts: readonly CacheVerdict[]): void {
  const reused = new Map<string, number[]>();
  for (const verdict of verdicts) {
    const known = turn.book.known.get(verdict.id);
    // Killed meanwhile, or made anew from the store: then it is checked again.
    if (known?.task.status.kind !== 'ready' || !turn.book.checking.delete(verdict.id)) continue;
    if (verdict.kind === 'run') goOn(turn, known, verdict.checked);
    else {
      reuse(turn, known, verdict);
      addToGroup(reused, verdict.from, known.id);
    }
  }
  for (const [from, ids] of reused) {
    const done = reuseTasks(turn.tx, ids, reasonOf(from)).then((count) => count === ids.length);
    expect(turn, done, 'a task that was checked is not ready in the store');
  }
}

function reasonOf(from: string): string {
  return `unchanged: done in ${from}`;
}

function goOn(turn: Turn, known: Known, checked: NonNullable<Known['checked']>): void {
  known.checked = checked;
  const { because } = checked;
  if (because !== null) {
    turn.tx.record({ type: 'task.ran_again', subject: subject.task(known.batch.id, known.name), data: { because } });
  }
  file(turn.book, known);
}

function reuse(turn: Turn, known: Known, { from, answer }: Extract<CacheVerdict, { kind: 'reused' }>): void {
  const next = step(known.task, { kind: 'reused', from, reason: reasonOf(from) }, turn.tx.now);
  if (next.kind === 'refused') return;
  if (next.fact) turn.tx.record(next.fact);
  if (answer !== null) expect(turn, answerTask(turn.tx, known.id, answer));
  known.task = next.task;
  file(turn.book, known);
  noteEnd(turn, known, 'succeeded');
}
