/**
 * What the brain keeps in memory of what is going on: the running batches, the tasks that can move, who holds what,
 * and the hosts. Made from the store and kept in step with it by the one turn that runs; thrown away when a write fails.
 */

import { assertNever, Heap } from '../kernel/index.ts';
import type { CompiledNode } from '../plans/index.ts';
import type { ActiveBatch } from './active-batch.ts';
import { wishKey } from './choosing/choose-model.ts';
import type { Choice } from './choosing/choose-model.ts';
import { memoryCharge, stepKey } from './tasks/learned-memory.ts';
import { createReadyQueue } from './dispatch/ready-queue.ts';
import type { ReadyQueue } from './dispatch/ready-queue.ts';
import type { Hold } from './incidents/hold.ts';
import { laneOf, NO_MODEL } from './known.ts';
import type { Known } from './known.ts';
import { holderOf } from './tasks/task-state.ts';
import type { Task } from './tasks/task-state.ts';

/** The name under which the controller holds what it runs itself. No host has it: host names hold no parenthesis. */
export const CONTROLLER = '(controller)';

export interface HostState {
  epoch: number;
  /** False from the arrival of a hello until it has been settled: nothing is granted then. */
  settled: boolean;
  typicalMs: number | null;
  /** Lanes of which it has declined a task since anything changed there. */
  readonly closed: Set<string>;
}

interface Wake {
  readonly id: number;
  readonly at: number;
}

export interface Book {
  /** Of this life of the controller. */
  readonly epoch: number;
  readonly batches: Map<string, ActiveBatch>;
  /** Why the plans of these batches cannot be read. */
  readonly unreadable: Map<string, string>;
  readonly known: Map<number, Known>;
  /** Those of the known that are leased or running, by `heldKey`. */
  readonly held: Map<string, Known>;
  readonly queue: ReadyQueue;
  readonly backoff: Heap<Wake>;
  /** Steps that are being repaired, by `incidents/holds.ts`. */
  readonly holds: Map<string, Hold>;
  readonly hosts: Map<string, HostState>;
  /** Slots being waited for, by task. */
  readonly acquiring: Map<number, SlotWait>;
  /** Ready tasks of which it is being looked at whether they were done before. */
  readonly checking: Set<number>;
  /** Models for tasks that name none, by `wishKey`; null where none does. */
  readonly choices: Map<string, Choice | null>;
  /** Memory that the steps of plans were seen to take, by `stepKey`. */
  readonly learned: Map<string, readonly number[]>;
}

export interface SlotWait {
  readonly model: string;
  readonly abort: AbortController;
}

/** What is known of the outside and stays true when the book is made anew. */
export type Surroundings = Pick<Book, 'epoch' | 'hosts' | 'acquiring' | 'checking'>;

export function createBook({ epoch, hosts, acquiring, checking }: Surroundings): Book {
  return {
    epoch,
    batches: new Map(),
    unreadable: new Map(),
    known: new Map(),
    held: new Map(),
    queue: createReadyQueue(),
    backoff: new Heap((a, b) => a.at < b.at),
    holds: new Map(),
    hosts,
    acquiring,
    checking,
    choices: new Map(),
    learned: new Map(),
  };
}

export function heldKey(batchId: string, task: string): string {
  return `${batchId}/${task}`;
}

/** Files a task where its state belongs, after each move. */
export function file(book: Book, known: Known): void {
  const { id, batch, priority, task } = known;
  const { status } = task;
  const key = heldKey(batch.id, known.name);
  book.held.delete(key);
  book.known.set(id, known);
  switch (status.kind) {
    case 'ready':
      if (book.acquiring.has(id) || book.checking.has(id) || batch.paused) return;
      known.task = charged(known, book);
      known.node = withModel(known, book);
      return book.queue.add({ id, batchId: batch.id, priority, since: status.since, lane: laneOf(known) });
    case 'backoff':
      return book.backoff.push({ id, at: status.until });
    case 'leased':
    case 'running':
      return void book.held.set(key, known);
    case 'waiting':
    case 'parked':
    case 'ended':
      return void book.known.delete(id);
    default:
      return assertNever(status);
  }
}

/** A task that was never tried is charged with what is known of its step by now; later tries keep their charge. */
function charged({ task, node, kind, batch, template, name }: Known, { learned }: Book): Task {
  if (task.attempt > 0 || kind === 'template') return task;
  return { ...task, memoryBytes: memoryCharge(node, learned.get(stepKey(batch.plan.name, template ?? name))) };
}

/** With the model that is chosen now for a task that names none; without one it waits. */
function withModel({ node }: Known, { choices }: Book): CompiledNode {
  if (node.type === 'meta' || node.modelWish === undefined) return node;
  return { ...node, model: choices.get(wishKey(node.modelWish))?.model ?? NO_MODEL };
}

/** Files anew what is ready of a plan's batches: what is known of its steps has changed. */
export function refile(book: Book, plan: string): void {
  refileBatches(
    book,
    [...book.batches.values()].filter((batch) => batch.plan.name === plan),
  );
}

/** Files anew what is ready of these. */
export function refileBatches(book: Book, batches: readonly ActiveBatch[]): void {
  for (const { id } of batches) book.queue.dropBatch(id);
  for (const known of book.known.values()) {
    if (known.task.status.kind === 'ready' && batches.includes(known.batch)) file(book, known);
  }
}

/** Forgets a task that ended without a move of its own. */
export function forget(book: Book, known: Known): void {
  book.known.delete(known.id);
  book.held.delete(heldKey(known.batch.id, known.name));
}

/** What the book holds for one host. */
export function heldBy(book: Book, host: string): Known[] {
  return [...book.held.values()].filter((known) => holderOf(known.task)?.agent === host);
}
