/**
 * One turn of the brain: everything that was posted since the last one, decided and written in one transaction. What
 * must happen outside is collected as effects and performed after the commit; the book is moved along as rows are.
 */

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef, Grant } from '../../contract/index.ts';
import type { Random } from '../../kernel/index.ts';
import { endAttempt, moveTask } from '../../store/index.ts';
import type { AttemptEnd, Tx } from '../../store/index.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import { file } from '../book.ts';
import { modelNeededBy } from '../known.ts';
import type { Book, HostState } from '../book.ts';
import type { Known } from '../known.ts';
import type { DoneWork } from '../evaluation/done-work.ts';
import type { RepairQuestion } from '../incidents/question.ts';
import type { AgentPort, CataloguePort, InferencePort, ModelsPort } from '../ports.ts';
import type { RenderedAskingTask, RenderedMetaTask } from '../../plans/index.ts';
import type { RestoredSlot, SlotLease } from '../../gateway/index.ts';
import { expectationOf, toChange } from '../tasks/task-codec.ts';
import type { Trace } from '../tasks/task-codec.ts';
import { holderOf, step } from '../tasks/task-state.ts';
import type { Claim, EndState, TaskEvent } from '../tasks/task-state.ts';

export type Effect =
  | { readonly kind: 'grant'; readonly host: string; readonly grant: Grant }
  /** `signal` is abort when absent. */
  | { readonly kind: 'signal'; readonly host: string; readonly attempt: AttemptRef; readonly signal?: 'abort' | 'kill' }
  | { readonly kind: 'quarantine'; readonly host: string; readonly device: string; readonly reason: string }
  | { readonly kind: 'ask'; readonly known: Known; readonly rendered: RenderedAskingTask }
  | { readonly kind: 'place'; readonly known: Known; readonly rendered: RenderedMetaTask }
  /** Waits for a slot; `cancel-acquire` gives that up. */
  | { readonly kind: 'acquire'; readonly id: number; readonly model: string }
  | { readonly kind: 'cancel-acquire'; readonly id: number }
  | { readonly kind: 'keep-slot'; readonly key: string; readonly slot: SlotLease }
  /** The slot of an attempt that has outlived the controller. */
  | { readonly kind: 'restore-slot'; readonly key: string; readonly slot: RestoredSlot }
  | { readonly kind: 'drop-slot'; readonly slot: SlotLease }
  | { readonly kind: 'read-list'; readonly known: Known }
  /** Looks whether they were done before with the same inputs. */
  | { readonly kind: 'check-results'; readonly tasks: readonly Known[] }
  /** Keeps what it has made for the next time. */
  | { readonly kind: 'keep-result'; readonly known: Known }
  /** The brain is asked what it thinks of a finished attempt. */
  | { readonly kind: 'judge'; readonly known: Known; readonly work: DoneWork }
  /** Ends our own call for an attempt. */
  | { readonly kind: 'abort'; readonly key: string }
  /** An attempt that needed the model has ended. */
  | { readonly kind: 'ran'; readonly model: string; readonly ms: number }
  /** The attempt is over: what it held outside is given back. */
  | { readonly kind: 'closed'; readonly key: string }
  /** Asks the brain's model for a patch. */
  | { readonly kind: 'propose'; readonly incident: number; readonly question: RepairQuestion }
  | { readonly kind: 'batch-ended'; readonly batchId: string }
  /** Tells a caller what became of what it asked. */
  | { readonly kind: 'answer'; readonly tell: () => void }
  /** Grants may go to the host, once the caller has been answered. */
  | { readonly kind: 'host-settled'; readonly host: HostState };

/** The settings that decisions are made by; read anew for each. */
export interface BrainRules {
  /** Silence after which an attempt counts as stuck, where its task does not say. */
  readonly stuckAfterMs: number;
  /** From one step against a stuck attempt to the next. */
  readonly stuckStepMs: number;
  /** What becomes of a patch that the brain's model proposes. */
  readonly repair: 'off' | 'suggest' | 'auto';
}

/** What a turn looks at beside the store. */
export interface TurnDeps {
  readonly agents: AgentPort;
  readonly inference: InferencePort;
  readonly models: Pick<ModelsPort, 'host' | 'instances' | 'loadable'>;
  readonly catalogue: Pick<CataloguePort, 'modelParameters'>;
  readonly random: Random;
  readonly rules: () => BrainRules;
  /** From now on commands of this role are allowed in every batch. */
  readonly allowAlways: (role: 'worker' | 'brain', commands: readonly string[]) => void;
  readonly brainModel: BrainModel;
  /** The daemon's own environment, for what the submitter did not say. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A task that has ended in this turn and whose dependents have not been told yet. */
export interface Ended {
  readonly id: number;
  readonly name: string;
  readonly batchId: string;
  readonly template: string | null;
  readonly as: EndState;
}

export interface Turn {
  readonly tx: Tx;
  readonly book: Book;
  readonly deps: TurnDeps;
  readonly effects: Effect[];
  readonly ended: Ended[];
  /** Batches that may have ended. */
  readonly touched: Set<string>;
  /** Attempts whose outcome is among what was posted. */
  readonly endings: Set<string>;
  /** Statements under way whose answer nothing waits for: they only confirm what the book says. */
  readonly confirmations: Promise<void>[];
}

export function createTurn(tx: Tx, book: Book, deps: TurnDeps): Turn {
  return { tx, book, deps, effects: [], ended: [], touched: new Set(), endings: new Set(), confirmations: [] };
}

/** Lets the turn go on while a statement runs; `confirmed` says when all of them have done what they should. */
export function expect(turn: Turn, statement: Promise<unknown>, otherwise = ''): void {
  const confirmation = statement.then((applied) => {
    if (applied === false) throw new Error(otherwise);
  });
  // It is awaited at the end of the turn, perhaps after something else has failed it.
  confirmation.catch(() => {});
  turn.confirmations.push(confirmation);
}

/** Runs the decisions of a turn, and answers when all that they have asked of the store has been done, or has failed. */
export async function confirmed(turn: Turn, decisions: Promise<void>): Promise<void> {
  try {
    await decisions;
  } finally {
    await Promise.allSettled(turn.confirmations);
  }
  await Promise.all(turn.confirmations);
}

const NO_TRACE: Trace = { device: null, startedAt: null, exitCode: null };

/** Moves a task, on disk and in the book. False when the event does not apply to it. */
export function move(turn: Turn, known: Known, event: TaskEvent, trace: Trace = NO_TRACE): boolean {
  const before = known.task;
  const next = step(before, event, turn.tx.now);
  if (next.kind === 'refused') return false;
  const applied = moveTask(turn.tx, expectationOf(before), toChange(next.task, trace));
  expect(turn, applied, `task ${before.batchId}/${before.name} is not as the brain knows it`);
  if (next.fact) turn.tx.record(next.fact);
  known.task = next.task;
  file(turn.book, known);
  if (next.task.status.kind === 'ended') noteEnd(turn, known, next.task.status.as);
  return true;
}

/** Its dependents are told later in the turn. */
export function noteEnd(turn: Turn, known: Known, as: EndState): void {
  turn.ended.push({ id: known.id, name: known.name, batchId: known.batch.id, template: known.template, as });
  turn.touched.add(known.batch.id);
}

/** The identity under which the attempt that is held reports. */
export function claimOf(known: Known): Claim {
  const holder = holderOf(known.task);
  if (!holder) throw new Error(`nobody holds ${known.name}`);
  return { attempt: known.task.attempt, epoch: holder.epoch };
}

/** What an attempt leaves behind when nothing of it was measured. */
export const UNMEASURED = {
  device: null,
  startedAt: null,
  exitCode: null,
  signal: null,
  class: null,
  reason: null,
  tail: null,
  peakMemoryBytes: null,
  tokensIn: null,
  tokensOut: null,
} as const;

/** Closes the current attempt of a task and gives back what it held. Goes before the task's own move. */
export function closeAttempt(turn: Turn, known: Known, end: AttemptEnd): void {
  turn.effects.push({ kind: 'closed', key: keyOf(known) });
  const model = end.startedAt === null ? null : modelNeededBy(known);
  if (model !== null) turn.effects.push({ kind: 'ran', model, ms: end.endedAt - (end.startedAt ?? end.endedAt) });
  known.charge = null;
  known.told = null;
  if (known.kind === 'task') expect(turn, endAttempt(turn.tx, known.id, known.task.attempt, end));
}

export function refOf(known: Known): AttemptRef {
  return { batchId: known.batch.id, task: known.name, no: known.task.attempt };
}

export function keyOf(known: Known): string {
  return attemptKey(refOf(known));
}
