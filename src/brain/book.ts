/**
 * What the brain keeps in memory of what is going on: the running batches, the tasks that can move, who holds what,
 * and the hosts. Made from the store and kept in step with it by the one turn that runs; thrown away when a write fails.
 */

import type { DeviceReport, SignalLevel } from '../contract/index.ts';
import { assertNever, Heap } from '../kernel/index.ts';
import { renderNames } from '../plans/index.ts';
import type { CompiledNode, ForeachItem } from '../plans/index.ts';
import type { TaskRecord } from '../store/index.ts';
import type { ActiveBatch } from './active-batch.ts';
import { wishKey } from './choosing/choose-model.ts';
import type { Choice } from './choosing/choose-model.ts';
import type { Checked } from './cache/result-cache.ts';
import type { Charge } from './dispatch/host-room.ts';
import { noPast } from './tasks/past.ts';
import type { Past } from './tasks/past.ts';
import { memoryCharge, stepKey } from './tasks/learned-memory.ts';
import { createReadyQueue } from './dispatch/ready-queue.ts';
import type { Lane, ReadyQueue } from './dispatch/ready-queue.ts';
import type { Hold } from './incidents/holds.ts';
import { itemOfRow } from './templates/items.ts';
import { toTask } from './tasks/task-codec.ts';
import { holderOf } from './tasks/task-state.ts';
import type { Task } from './tasks/task-state.ts';

/** The name under which the controller holds what it runs itself. No host has it: host names hold no parenthesis. */
export const CONTROLLER = '(controller)';

/** Nothing serves it: the lane of tasks for which no model does. */
export const NO_MODEL = '';

/** A task that can move without a parent. */
export interface Known {
  readonly id: number;
  readonly name: string;
  readonly kind: 'task' | 'template';
  readonly template: string | null;
  /** What an item's task was made of, null for any other. */
  readonly item: ForeachItem | null;
  readonly priority: number;
  readonly batch: ActiveBatch;
  /** As it is in the plan, or as it was repaired since. */
  node: CompiledNode;
  task: Task;
  /** What the attempt under way costs its host, while one is. Null too after a restart: derived then. */
  charge: Charge | null;
  /** What a task with `cache: inputs` is made of; null until that has been looked at, and for any other. */
  checked: Checked | null;
  /** Hosts that can never take it. */
  readonly declinedBy: Set<string>;
  /** Held since before this controller's last start, and not yet confirmed by its agent. */
  inherited: boolean;
  /** Its attempt began under an earlier life of this controller: calls of its command may have found nobody. */
  outlived: boolean;
  /** What its earlier attempts leave for the next. */
  readonly past: Past;
  /** The last that the attempt under way was told to do. */
  told: Told | null;
}

export interface HostState {
  epoch: number;
  /** False from the arrival of a hello until it has been settled: nothing is granted then. */
  settled: boolean;
  typicalMs: number | null;
  /** Lanes of which it has declined a task since anything changed there. */
  readonly closed: Set<string>;
}

/** What an attempt was told, by a person or for its silence. */
export interface Told {
  readonly cause: 'stuck' | 'person';
  readonly level: SignalLevel;
  /** By the store's clock. */
  readonly at: number;
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

/** A row as the book keeps it; throws when its plan has no such task. */
export function toKnown(batch: ActiveBatch, row: TaskRecord): Known {
  const node = batch.nodes.get(row.template ?? row.name);
  if (!node) throw new Error(`the plan of batch ${batch.id} has no task ${row.template ?? row.name}`);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    template: row.template,
    item: itemOfRow(row),
    priority: row.priority,
    batch,
    node,
    task: toTask(row),
    charge: null,
    checked: null,
    declinedBy: new Set(),
    inherited: false,
    outlived: false,
    past: noPast(),
    told: null,
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

/** The model that a slot of is needed for it; null for any other task. */
export function modelNeededBy(known: Known): string | null {
  const lane = laneOf(known);
  return 'model' in lane ? lane.model : null;
}

/** What a task needs before it may go. */
export function laneOf(known: Known): Lane {
  const { node } = known;
  if (known.kind === 'template') return { kind: 'expand' };
  if (node.cache === 'inputs' && known.checked === null) return { kind: 'check' };
  if (node.type === 'meta') return { kind: 'place' };
  if (node.type !== 'shell') return { kind: 'ask', model: modelOf(known, node.model) };
  switch (node.taskClass) {
    case 'llm':
      return node.model === undefined ? { kind: 'cpu' } : { kind: 'slot', model: modelOf(known, node.model) };
    case 'script':
      return { kind: 'script', memoryBytes: known.task.memoryBytes };
    case 'meta':
      return { kind: 'meta' };
    case 'cpu':
      return { kind: 'cpu' };
    case 'brain':
      return { kind: 'home' };
  }
}

/** A model's name with values in place; as written when they are missing, which the rendering will then say. */
function modelOf(known: Known, written: string): string {
  const { item } = known;
  const { plan, builtins } = known.batch;
  try {
    return renderNames(written, { plan, builtins, ...(item ? { item } : {}) })[0] ?? written;
  } catch {
    return written;
  }
}

/** What the book holds for one host. */
export function heldBy(book: Book, host: string): Known[] {
  return [...book.held.values()].filter((known) => holderOf(known.task)?.agent === host);
}

/** What an attempt of this task costs its host, when a pick has not said it. */
export function chargeOf(known: Known, devices: readonly DeviceReport[]): Charge {
  const lane = laneOf(known);
  const device = known.task.status.kind === 'running' ? known.task.status.device : null;
  const hasGpu = devices.some(({ kind }) => kind !== 'cpu');
  const memoryBytes = lane.kind === 'script' ? lane.memoryBytes : 0;
  const cores = lane.kind === 'cpu' || (lane.kind === 'script' && !hasGpu) ? 1 : 0;
  return { cores, memoryBytes, device };
}
