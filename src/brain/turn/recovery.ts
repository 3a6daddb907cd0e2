/**
 * Makes the book from the store: after a start, and after a write that failed. What agents hold stays theirs until
 * they speak or their lease ends; what an earlier life of ours held is given back by the `recover` turn.
 */

import { listActiveBatches, listApprovals, listLearnedMemory, listSignals, loadMovable } from '../../store/index.ts';
import type { Db } from '../../store/index.ts';
import { stepKey } from '../tasks/learned-memory.ts';
import { createBook, file } from '../book.ts';
import { toKnown } from '../known.ts';
import { recallHolds } from '../incidents/recall.ts';
import { recall } from '../tasks/past.ts';
import type { Book, Surroundings } from '../book.ts';
import { holderOf } from '../tasks/task-state.ts';
import { readBatch } from './unreadable.ts';

interface LoadOptions {
  /** True at a start: every agent must confirm what it holds. */
  readonly inherited: boolean;
}

export async function loadBook(db: Db, surroundings: Surroundings, { inherited }: LoadOptions): Promise<Book> {
  const book = createBook(surroundings);
  for (const { plan, step, peaks } of await listLearnedMemory(db)) book.learned.set(stepKey(plan, step), peaks);
  for (const row of await listActiveBatches(db)) {
    const read = await readBatch(db, row);
    if (read.kind === 'read') book.batches.set(row.id, read.batch);
    else book.unreadable.set(row.id, read.reason);
  }
  for (const approval of await listApprovals(db)) book.batches.get(approval.batch_id)?.approvals.push(approval);
  for (const row of await loadMovable(db)) {
    const batch = book.batches.get(row.batch_id);
    // An expanded template moves with its items only: it is read when one of them ends.
    if (!batch || (row.kind === 'template' && row.state === 'running')) continue;
    const known = toKnown(batch, row);
    known.inherited = inherited;
    known.outlived = inherited && holderOf(known.task) !== null;
    file(book, known);
  }
  await recall(db, [...book.known.values()]);
  await recallSignals(db, book);
  await recallHolds(db, book);
  return book;
}

async function recallSignals(db: Db, book: Book): Promise<void> {
  for (const { task_id: id, cause, level, told_at: at } of await listSignals(db)) {
    const known = book.known.get(id);
    if (known) known.told = { cause, level, at };
  }
}
