/** `drover batch …`: executions of plans. */

import { EXIT } from '../../../contract/exit-codes.ts';
import type { BatchDetailView, BatchSummaryView, TaskView } from '../../../contract/tasks.ts';
import type { BatchStatus } from '../../../contract/words.ts';
import { parseTime } from '../../../kernel/clock.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf, duration, orDash, progressOf } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';
import { followBatch } from './follow-batch.ts';
import { lengthOf, moreHint } from './task-list.ts';
import type { ListLength } from './task-list.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface BatchListFlags extends JsonFlag {
  readonly plan?: string;
  readonly status?: readonly BatchStatus[];
  readonly limit?: number;
}

export async function ls(this: CliContext, flags: BatchListFlags): Promise<void> {
  const all = await this.client.batches();
  const batches = all.filter((batch) => isWanted(batch, flags)).slice(0, flags.limit ?? all.length);
  if (flags.json) return printJson(this, batches);
  if (all.length === 0) return this.out.line('no batches yet; submit a plan with "drover submit FOLDER"');
  if (batches.length === 0) return this.out.line('no such batches');
  this.out.write(renderTable<BatchSummaryView>(summaryColumns(this), batches));
}

function isWanted({ plan, status }: BatchSummaryView, flags: BatchListFlags): boolean {
  return (flags.plan ?? plan) === plan && (flags.status === undefined || flags.status.includes(status));
}

function summaryColumns({ out }: CliContext): readonly Column<BatchSummaryView>[] {
  return [
    { title: 'BATCH', cell: (batch) => batch.batch_id },
    { title: 'PLAN', cell: ({ plan }) => plan },
    { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => out.paint(colourOf(status), text) },
    { title: 'TASKS', cell: ({ tasks }) => progressOf(tasks) },
    { title: 'CREATED', cell: (batch) => batch.created_at },
    { title: 'TOOK', align: 'right', cell: (batch) => duration(between(batch.started_at, batch.ended_at)) },
  ];
}

export async function show(this: CliContext, flags: ListLength, id: string): Promise<void> {
  const batch = await this.client.batch(id, 0);
  const limit = lengthOf(flags);
  const tasks = await this.client.tasks(id, { limit });
  if (flags.json) return printJson(this, { ...batch, tasks });
  this.out.write(renderFields(batchFields(batch)));
  if (tasks.length > 0) this.out.write(`\n${renderTable(taskColumns(this), tasks)}`);
  const { total } = batch.counts;
  if (tasks.length < total && tasks.length === limit) this.err.line(moreHint({ shown: limit, total, batch: id }));
}

function batchFields(batch: BatchDetailView): [string, string][] {
  return [
    ['Batch', batch.batch_id],
    ['Plan', batch.plan],
    ['Status', batch.status],
    ['Tasks', progressOf(batch.counts)],
    ['Created', batch.created_at],
    ['Started', orDash(batch.started_at)],
    ['Ended', orDash(batch.ended_at)],
    ['Folder', batch.path],
    // Also lists that could not be read, which are no tasks of their own.
    ...(batch.status === 'failed' ? [['Why', `drover batch summary ${batch.batch_id}`] as [string, string]] : []),
  ];
}

export function taskColumns({ out }: CliContext): readonly Column<TaskView>[] {
  return [
    { title: 'TASK', cell: ({ id }) => id },
    { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => out.paint(colourOf(status), text) },
    { title: 'TYPE', cell: ({ type }) => type },
    { title: 'CLASS', cell: (task) => orDash(task.class) },
    { title: 'ATTEMPTS', align: 'right', cell: ({ attempts }) => String(attempts) },
    { title: 'DEVICE', cell: ({ device }) => orDash(device) },
    { title: 'TOOK', align: 'right', cell: (task) => duration(between(task.started_at, task.ended_at)) },
    { title: 'EXIT', align: 'right', cell: (task) => orDash(task.exit_code) },
    { title: 'REASON', cell: ({ reason }) => reason ?? '' },
  ];
}

export function between(from: string | null, to: string | null): number | null {
  const [start, end] = [parseTime(from ?? ''), parseTime(to ?? '')];
  return start === null || end === null ? null : end - start;
}

export async function watch(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  await this.client.batch(id, 0);
  const end = await followBatch(this, id);
  if (end === null) return;
  if (flags.json) printJson(this, end);
  else this.out.line(`batch ${end.batch_id} ${end.status}: ${progressOf(end.counts)}\n${end.path}`);
  if (end.status !== 'succeeded') this.end(EXIT.failed);
}

export async function kill(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const batch = await this.client.killBatch(id);
  if (flags.json) return printJson(this, batch);
  this.out.line(`batch ${batch.batch_id} is ${batch.status}: ${progressOf(batch.tasks)}`);
}

export async function summary(this: CliContext, flags: JsonFlag, id: string): Promise<void> {
  if (flags.json) return printJson(this, await this.client.runSummary(id));
  await this.out.send(await this.client.batchSummary(id));
}
