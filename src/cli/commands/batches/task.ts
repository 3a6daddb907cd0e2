/** `drover task …`: the tasks of a batch, their attempts and what they printed. */

import { AppError } from '../../../contract/errors.ts';
import type { AttemptView, TaskDetailView, TaskView } from '../../../contract/tasks.ts';
import type { TaskClass, TaskState } from '../../../contract/words.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, colourOf, duration, orDash } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';
import type { Column } from '../../table.ts';
import { between, taskColumns } from './batch.ts';
import { streamOf } from '../instances/logs.ts';
import type { StreamFlags } from '../instances/logs.ts';
import { cutTo, lengthOf, moreHint } from './task-list.ts';
import type { ListLength } from './task-list.ts';

interface TaskListFlags extends ListLength {
  readonly batch?: string;
  readonly state?: readonly TaskState[];
  readonly class?: readonly TaskClass[];
}

interface TaskRow extends TaskView {
  readonly batch_id: string;
}

export async function ls(this: CliContext, flags: TaskListFlags): Promise<void> {
  const length = lengthOf(flags);
  const { shown, isCut } = cutTo(await tasksOf(this, flags, length + 1), length);
  if (flags.json) return printJson(this, shown);
  if (shown.length === 0) return this.out.line('no tasks');
  const batch: Column<TaskRow> = { title: 'BATCH', cell: (task) => task.batch_id };
  this.out.write(renderTable<TaskRow>([batch, ...taskColumns(this)], shown));
  if (isCut) this.err.line(moreHint({ shown: length, batch: flags.batch }));
}

/** The batch of what the brain does for all batches together: its loads and unloads of models. */
const SYSTEM = 'system';

/** Those of one batch, or of all that run with what the brain does for them now; of each batch so many at most. */
async function tasksOf({ client }: CliContext, flags: TaskListFlags, limit: number): Promise<TaskRow[]> {
  const filter = { states: flags.state, classes: flags.class, limit };
  const tasksIn = async (id: string): Promise<TaskRow[]> =>
    (await client.tasks(id, filter)).map((task) => ({ batch_id: id, ...task }));
  if (flags.batch !== undefined) return tasksIn(flags.batch);
  const running = (await client.batches()).filter(({ status }) => status === 'running');
  const lists = await Promise.all(running.map((batch) => tasksIn(batch.batch_id)));
  const ofSystem = (await tasksIn(SYSTEM)).filter(({ status }) => flags.state !== undefined || status === 'running');
  return [...ofSystem, ...lists.flat()];
}

export async function show(
  this: CliContext,
  flags: { readonly json: boolean; readonly attempt?: number },
  name: string,
): Promise<void> {
  const { batchId, task } = splitTaskName(name);
  const detail = onlyAttempt(await this.client.task(batchId, task), flags.attempt);
  if (flags.json) return printJson(this, detail);
  this.out.write(renderFields(taskFields(detail)));
  if (detail.command !== null) this.out.write(`\n${this.out.paint('bold', 'Command')}\n${detail.command.trimEnd()}\n`);
  if (detail.attempt_list.length > 0) this.out.write(`\n${renderTable(attemptColumns(this), detail.attempt_list)}`);
}

/** Undefined: all of them. */
function onlyAttempt(task: TaskDetailView, wanted: number | undefined): TaskDetailView {
  if (wanted === undefined) return task;
  const list = task.attempt_list.filter(({ attempt }) => attempt === wanted);
  if (list.length > 0) return { ...task, attempt_list: list };
  throw new AppError('TASK_NOT_FOUND', `${task.batch_id}/${task.id} has no attempt ${wanted}`, {
    hint: `it has ${task.attempt_list.map(({ attempt }) => attempt).join(', ') || 'none yet'}`,
  });
}

function taskFields(task: TaskDetailView): [string, string][] {
  return [
    ['Task', `${task.batch_id}/${task.id}`],
    ['Status', `${task.status}${task.reason === null ? '' : `: ${task.reason}`}`],
    ['Type', `${task.type}, ${orDash(task.class)}`],
    ['Device', orDash(task.device)],
    [
      'Depends on',
      task.depends_on.map(({ on, condition }) => (condition === 'success' ? on : `${condition}(${on})`)).join(', ') ||
        '-',
    ],
    ...(task.answer === null ? [] : [['Answer', task.answer] as [string, string]]),
    ['Item', task.item === null || task.item === undefined ? '-' : shorten(JSON.stringify(task.item))],
    ['Took', duration(between(task.started_at, task.ended_at))],
  ];
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}

function attemptColumns({ out }: CliContext): readonly Column<AttemptView>[] {
  return [
    { title: 'ATTEMPT', align: 'right', cell: ({ attempt }) => String(attempt) },
    { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => out.paint(colourOf(status), text) },
    { title: 'AGENT', cell: ({ agent }) => agent },
    { title: 'DEVICE', cell: ({ device }) => orDash(device) },
    { title: 'TOOK', align: 'right', cell: (attempt) => duration(attempt.duration_ms) },
    { title: 'EXIT', align: 'right', cell: (attempt) => orDash(attempt.exit_code ?? attempt.signal) },
    { title: 'PEAK', align: 'right', cell: (attempt) => bytes(attempt.peak_memory_bytes) },
    { title: 'SCORE', align: 'right', cell: ({ score }) => orDash(score) },
    { title: 'REASON', cell: ({ reason, score_reason: judged }) => reason ?? judged ?? '' },
    { title: 'FOLDER', cell: ({ path }) => path },
  ];
}

export async function logs(
  this: CliContext,
  flags: StreamFlags & { readonly tail?: number; readonly follow: boolean; readonly attempt?: number },
  name: string,
): Promise<void> {
  const { batchId, task } = splitTaskName(name);
  const { tail, follow, attempt } = flags;
  const options = { stream: streamOf(flags, 'both'), tail, follow, attempt, signal: this.signal };
  let isEmpty = true;
  for await (const chunk of this.client.taskLogs(batchId, task, options)) {
    isEmpty &&= chunk.length === 0;
    await this.out.send(chunk);
  }
  if (isEmpty) this.err.line(`task ${name} has written nothing; "drover why ${name}" says how it stands`);
}

export async function signal(
  this: CliContext,
  flags: { readonly json: boolean },
  name: string,
  word: 'stop' | 'abort' | 'kill',
): Promise<void> {
  const { batchId, task } = splitTaskName(name);
  const detail = await this.client.signalTask(batchId, task, word);
  if (flags.json) return printJson(this, detail);
  const told =
    detail.status === 'running' || detail.status === 'leased' ? `was told to ${word}` : `is ${detail.status}`;
  this.out.line(`task ${name} ${told}`);
}

/** `BATCH/TASK` in one argument; a task's name holds no slash. */
export function splitTaskName(name: string): { batchId: string; task: string } {
  const at = name.indexOf('/');
  if (at > 0 && at < name.length - 1) return { batchId: name.slice(0, at), task: name.slice(at + 1) };
  throw new AppError('INVALID_REQUEST', `"${name}" names no task`, {
    hint: 'write BATCH/TASK; "drover batch ls" lists batches',
  });
}
