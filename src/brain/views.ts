/** Batches and tasks as callers see them: rows with times in ISO 8601, and for what waits the reason. Reads only. */

import { AppError } from '../contract/index.ts';
import type {
  AttemptView,
  BatchDetailView,
  BatchSummaryView,
  SubmitView,
  TaskCounts,
  TaskDetailView,
  TaskView,
} from '../contract/index.ts';
import { isoTime } from '../kernel/index.ts';
import type { CompiledNode, PlanWarnings } from '../plans/index.ts';
import {
  attemptsOfTask,
  countActiveTasks,
  findBatch,
  findTask,
  isToldOf,
  listActiveBatches,
  listBatches,
  loadPlanVersion,
  pageOfTasks,
  parentsOf,
} from '../store/index.ts';
import type { BatchRecord, Db, ListedTask, Row, Store, TaskRecord } from '../store/index.ts';
import type { Book } from './book.ts';
import type { Known } from './known.ts';
import type { BrainOverview, TaskFilter } from './brain-api.ts';
import { choiceWords } from './choosing/choices.ts';
import { countBatchTasks } from './history/counts.ts';
import { itemOfRow } from './templates/items.ts';
import type { AgentPort, InferencePort, ModelsPort } from './ports.ts';
import { placementTask, placementTasks, SYSTEM_BATCH } from './placement/views.ts';
import { decodeNode } from './reading/plan-text.ts';
import { whyReady } from './dispatch/why.ts';
import { pairedDeps } from './templates/pairing.ts';
import { heldWords } from './signals/held-words.ts';
import { toldWords } from './signals/told-words.ts';
import { keyOf } from './turn/turn.ts';

interface ViewDeps {
  readonly store: Store;
  readonly book: () => Book;
  readonly agents: AgentPort;
  readonly inference: InferencePort;
  readonly models: Pick<ModelsPort, 'host'>;
  /** What is being done about a model that nothing serves. */
  readonly placing: (model: string) => string | null;
}

export type Views = ReturnType<typeof createViews>;

export function createViews({ store, book, agents, inference, models, placing }: ViewDeps) {
  /** Why a ready task has not gone, from what is known this moment; of one that runs, what it was told or what was chosen for it. */
  function reasonOf(row: ListedTask): string | null {
    const known = book().known.get(row.id);
    if (!known) return row.reason;
    if (row.state !== 'ready') return row.reason ?? toldWords(known.told) ?? held(known) ?? choiceWords(known, book());
    return whyReady(known, book(), { agents, inference, placing, home: models.host }) ?? row.reason;
  }

  function held(known: Known): string | null {
    return heldWords(known.task.status, keyOf(known), (host) => agents.workers(host));
  }

  const toView = (row: ListedTask): TaskView => toTaskView(row, reasonOf(row));

  return {
    requireBatch: (id: string) => store.read((db) => requireBatch(db, id)),

    listBatches: () =>
      store.read(async (db) => {
        const rows = await listBatches(db);
        const counts = await countBatchTasks(
          db,
          rows.map(({ id }) => id),
        );
        return rows.map((row) => toBatchView(row, countsOf(counts, row.id)));
      }),

    summaryView: (id: string) =>
      store.read(async (db) => toBatchView(await requireBatch(db, id), countsOf(await countBatchTasks(db, [id]), id))),

    submitView: (id: string, { told, more }: PlanWarnings = { told: [], more: 0 }): Promise<SubmitView> =>
      store.read(async (db) => {
        const { status, path } = await requireBatch(db, id);
        const tasks = countsOf(await countBatchTasks(db, [id]), id);
        return { batch_id: id, status, tasks, path, warnings: told, more_warnings: more };
      }),

    showBatch: (id: string, limit?: number): Promise<BatchDetailView> =>
      store.read(async (db) => {
        const batch = await requireBatch(db, id);
        const { tasks: counts, ...view } = toBatchView(batch, countsOf(await countBatchTasks(db, [id]), id));
        const tasks = (await pageOfTasks(db, id, { limit })).map(toView);
        return { ...view, counts, tasks, summarised: await isToldOf(db, batch) };
      }),

    listTasks: (id: string, filter: TaskFilter = {}): Promise<TaskView[]> =>
      store.read(async (db) => {
        if (id === SYSTEM_BATCH) return placementTasks(db, filter);
        await requireBatch(db, id);
        const after = filter.after === undefined ? undefined : (await requireTask(db, id, filter.after)).id;
        return (await pageOfTasks(db, id, { ...filter, after })).map(toView);
      }),

    showTask: (id: string, name: string): Promise<TaskDetailView> =>
      store.read(async (db) => {
        if (id === SYSTEM_BATCH) return placementTask(db, name);
        const batch = await requireBatch(db, id);
        const row = await requireTask(db, id, name);
        const attempts = await attemptsOfTask(db, row.id);
        const node = await nodeOf(db, batch, row);
        return {
          ...toView(row),
          batch_id: id,
          template: row.template,
          item: itemOfRow(row)?.value ?? null,
          command: node && commandOf(node),
          answer: row.answer,
          depends_on: await dependenciesOf(db, row, node),
          attempt_list: attempts.map(toAttemptView),
        };
      }),

    overview: (): Promise<BrainOverview> =>
      store.read(async (db) => {
        const counts = await countActiveTasks(db);
        const running = (await listActiveBatches(db)).length;
        const waiting = counts.waiting + counts.backoff + counts.parked;
        return {
          batches: { running },
          tasks: { ready: counts.ready, running: counts.running + counts.leased, waiting },
        };
      }),
  };
}

async function requireBatch(db: Db, id: string): Promise<BatchRecord> {
  const row = await findBatch(db, id);
  if (row) return row;
  throw new AppError('BATCH_NOT_FOUND', `there is no batch ${id}`, {
    hint: 'run "drover batch ls"',
    detail: { batch_id: id },
  });
}

async function requireTask(db: Db, batchId: string, task: string): Promise<TaskRecord> {
  const row = await findTask(db, batchId, task);
  if (row) return row;
  throw new AppError('TASK_NOT_FOUND', `batch ${batchId} has no task ${task}`, {
    hint: `run "drover batch show ${batchId}"`,
    detail: { batch_id: batchId, task },
  });
}

function countsOf(counts: ReadonlyMap<string, TaskCounts>, id: string): TaskCounts {
  const found = counts.get(id);
  if (!found) throw new Error(`batch ${id} was not counted`);
  return found;
}

function toBatchView(row: BatchRecord, tasks: TaskCounts): BatchSummaryView {
  return {
    batch_id: row.id,
    plan: row.plan_name,
    status: row.status,
    created_at: isoTime(row.created_at),
    started_at: isoTime(row.started_at),
    ended_at: isoTime(row.ended_at),
    tasks,
    path: row.path,
  };
}

function toTaskView(row: ListedTask, reason: string | null): TaskView {
  return {
    id: row.name,
    status: row.state,
    type: row.type,
    class: row.class,
    attempts: row.attempt,
    device: row.device,
    started_at: isoTime(row.started_at),
    ended_at: isoTime(row.ended_at),
    exit_code: row.exit_code,
    reason,
  };
}

/** What an attempt's result means to a caller: one that was given up has failed, whatever it did later. */
function statusOf(result: string | null): AttemptView['status'] {
  switch (result) {
    case null:
      return 'running';
    case 'succeeded':
    case 'fenced':
      return result;
    default:
      return 'failed';
  }
}

function toAttemptView(row: Row<'attempt'>): AttemptView {
  const ran = row.started_at !== null && row.ended_at !== null;
  return {
    attempt: row.no,
    status: statusOf(row.result),
    agent: row.agent,
    epoch: row.epoch,
    device: row.device,
    pid: row.pid,
    leased_at: isoTime(row.leased_at),
    started_at: isoTime(row.started_at),
    ended_at: isoTime(row.ended_at),
    duration_ms: ran ? (row.ended_at ?? 0) - (row.started_at ?? 0) : null,
    exit_code: row.exit_code,
    signal: row.signal,
    class: row.class,
    reason: row.reason,
    tail: row.tail,
    peak_memory_bytes: row.peak_memory_bytes,
    tokens_in: row.tokens_in,
    tokens_out: row.tokens_out,
    score: row.score,
    score_reason: row.score_reason,
    path: row.dir,
  };
}

/** An item depends on what its template waited for, and on the items that it is paired with; a template on theirs. */
async function dependenciesOf(
  db: Db,
  row: TaskRecord,
  node: CompiledNode | null,
): Promise<TaskDetailView['depends_on']> {
  const template = row.template === null ? null : await findTask(db, row.batch_id, row.template);
  const shared = template ? await parentsOf(db, template.id) : [];
  const own = [...shared, ...(await parentsOf(db, row.id))].map(({ name: on, condition }) => ({ on, condition }));
  const paired = row.kind === 'template' && node !== null ? pairedDeps({ node }) : [];
  return [...own, ...paired.map(({ on, condition }) => ({ on, condition }))];
}

async function nodeOf(db: Db, batch: BatchRecord, row: TaskRecord): Promise<CompiledNode | null> {
  const compiled = await loadPlanVersion(db, batch.plan_digest);
  return compiled === null ? null : (decodeNode(compiled, row.template ?? row.name) ?? null);
}

/** The command or prompt as the plan has it; with values in place it lies in the attempt folder. */
function commandOf(node: CompiledNode): string {
  if (node.type === 'shell') return node.command.text;
  return node.type === 'meta' ? `${node.action} ${node.model}` : node.prompt;
}
