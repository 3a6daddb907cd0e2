/** `drover why NAME`: in one sentence, why a task, a request or an instance is as it is. */

import type { InstanceView } from '../../../contract/instance-views.ts';
import type { TaskDetailView } from '../../../contract/tasks.ts';
import { AppError, asAppError } from '../../../contract/errors.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { splitTaskName } from './task.ts';
import { instanceReason, requestReason } from './why-words.ts';

interface JsonFlag {
  readonly json: boolean;
}

/** Tasks have a slash, ids of requests a beginning of their own, unless their clients chose them. */
export async function why(this: CliContext, flags: JsonFlag, name: string): Promise<void> {
  if (name.includes('/')) return whyTask(this, flags, name);
  if (name.startsWith('req_')) return whyRequest(this, flags, name);
  const instance = await whyInstance(this, flags, name).catch((error: unknown) => asAppError(error));
  if (instance === undefined) return;
  if (instance.code !== 'INSTANCE_NOT_FOUND') throw instance;
  await whyRequest(this, flags, name).catch((error: unknown) => {
    throw asAppError(error).code === 'REQUEST_NOT_FOUND' ? unknown(name, instance) : error;
  });
}

/** Batches have ids like `20260221_101500_ab12cd`. */
function unknown(name: string, instance: AppError): AppError {
  if (!/^\d{8}_\d{6}_/.test(name)) return instance;
  return new AppError('INVALID_REQUEST', `"${name}" names a batch, and no task of it`, {
    hint: `run "drover batch show ${name}" for its tasks, then "drover why ${name}/TASK"`,
  });
}

async function whyRequest(context: CliContext, flags: JsonFlag, id: string): Promise<void> {
  const request = await context.client.request(id);
  tell(context, flags, { request: id }, request.state, requestReason(request));
}

async function whyInstance(context: CliContext, flags: JsonFlag, name: string): Promise<void> {
  const detail = await context.client.instance(name);
  const reason = instanceReason(detail, await breakerOf(context, detail.view));
  tell(context, flags, { instance: name }, detail.view.status, reason);
}

/** Only what is declared and serves is asked anything. */
async function breakerOf({ client }: CliContext, { name, status, orphan }: InstanceView) {
  if (status !== 'ready' || orphan) return 'closed';
  const { instances } = await client.poolHealth(name);
  return instances.find((member) => member.name === name)?.breaker ?? 'closed';
}

async function whyTask(context: CliContext, flags: JsonFlag, name: string): Promise<void> {
  const { batchId, task } = splitTaskName(name);
  const detail = await context.client.task(batchId, task);
  const reason = detail.reason ?? (detail.status === 'waiting' ? await awaited(context, detail) : null);
  tell(context, flags, { batch_id: batchId, task }, detail.status, reason);
}

/** `subject` names it; its last name stands in the sentence. */
function tell(
  context: CliContext,
  { json }: JsonFlag,
  subject: Readonly<Record<string, string>>,
  status: string,
  reason: string | null,
): void {
  if (json) return printJson(context, { ...subject, status, reason });
  context.out.line(`${Object.values(subject).at(-1)} is ${status}${reason === null ? '' : `: ${reason}`}`);
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
