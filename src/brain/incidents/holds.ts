/** Steps whose tasks do not start while an incident about them is open; in the book, made again from the store. */

import type { CompiledShellNode } from '../../plans/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { file } from '../book.ts';
import type { Book } from '../book.ts';
import type { Known } from '../known.ts';
import type { Hold } from './hold.ts';

/** The task of the plan that a task is, or is an item of. */
export function stepOf(known: Pick<Known, 'name' | 'template'>): string {
  return known.template ?? known.name;
}

function keyOf(batchId: string, step: string): string {
  return `${batchId}/${step}`;
}

export function holdOf(book: Book, known: Known): Hold | null {
  return book.holds.size === 0 ? null : (book.holds.get(keyOf(known.batch.id, stepOf(known))) ?? null);
}

/** What keeps this task from starting, or null. */
export function heldBack(book: Book, known: Known): Hold | null {
  const hold = known.kind === 'task' ? holdOf(book, known) : null;
  return hold?.canary === known.id ? null : hold;
}

export function holdStep(book: Book, batch: ActiveBatch, step: string, hold: Hold): void {
  book.holds.set(keyOf(batch.id, step), hold);
}

/** Lets the step go, with its new definition if it has one; what runs keeps the one that it began with. */
export function releaseStep(book: Book, batch: ActiveBatch, step: string, node: CompiledShellNode | null): void {
  book.holds.delete(keyOf(batch.id, step));
  if (node === null) return;
  batch.nodes.set(step, node);
  for (const known of book.known.values()) {
    if (known.batch !== batch || stepOf(known) !== step) continue;
    const { kind } = known.task.status;
    if (kind === 'leased' || kind === 'running') continue;
    known.node = node;
    if (kind === 'ready' && known.kind === 'task') {
      book.queue.remove(known.id);
      file(book, known);
    }
  }
}
