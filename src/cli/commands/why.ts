/** `drover why BATCH/TASK`: in one sentence, why a task is as it is. */

import type { TaskDetailView } from '../../contract/tasks.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { splitTaskName } from './task.ts';

export async function why(this: CliContext, flags: { readonly json: boolean }, name: string): Promise<void> {
  const { batchId, task } = splitTaskName(name);
  const detail = await this.client.task(batchId, task);
  const reason = detail.reason ?? (detail.status === 'waiting' ? await awaited(this, detail) : null);
  if (flags.json) return printJson(this, { batch_id: batchId, task, status: detail.status, reason });
  this.out.line(`${task} is ${detail.status}${reason === null ? '' : `: ${reason}`}`);
}

/** Dependencies with how far they are; those that have ended are not what it waits for. */
async function awaited(
  { client }: CliContext,
  { batch_id: id, depends_on: on }: TaskDetailView,
): Promise<string | null> {
  const parents = await Promise.all(on.map((dependency) => client.task(id, dependency.on)));
  const open = parents.filter((parent) => parent.ended_at === null).map((parent) => `${parent.id} (${parent.status})`);
  return open.length === 0 ? null : `waits for ${open.join(', ')}`;
}
