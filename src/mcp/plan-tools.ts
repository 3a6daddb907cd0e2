/** Plans and their batches: write, check, run, look. */

import { z } from 'zod';

import type { Client } from '../client/index.ts';
import { defineTool } from './tool.ts';

/** A planner reads an end of a log, not all of it. */
const LOG_LINES = 200;

const batchId = z.string().min(1).describe('Id of the batch.');

export const PLAN_TOOLS = [
  defineTool({
    name: 'lint_plan',
    about: 'Check the text of a plan.md without running it. Answers findings with code, line, column and help.',
    isRead: true,
    takes: { text: z.string().min(1).describe('The whole plan.md.') },
    run: ({ text }, client) => client.lintPlan({ text, files: [] }),
  }),
  defineTool({
    name: 'submit_plan',
    about: 'Run a plan folder of the host as a new batch. Answers its id at once.',
    isRead: false,
    takes: {
      folder: z.string().min(1).describe('Absolute path of the folder with plan.md.'),
      config: z.record(z.string(), z.unknown()).default({}).describe('Values of its inputs.'),
      idempotency_key: z.string().min(1).max(200).optional().describe('The same key gives the same batch.'),
    },
    run: ({ folder, config, idempotency_key: key }, client) =>
      client.submit({ folder, config, ...(key === undefined ? {} : { idempotency_key: key }) }),
  }),
  defineTool({
    name: 'batch_status',
    about:
      'How a batch stands: counts, and the tasks that failed or wait with their reasons. Without an id: all batches.',
    isRead: true,
    takes: { id: batchId.optional() },
    run: ({ id }, client) => (id === undefined ? client.batches() : statusOf(id, client)),
  }),
  defineTool({
    name: 'task_logs',
    about: 'The end of what a task printed.',
    isRead: true,
    takes: {
      batch_id: batchId,
      task: z.string().min(1),
      attempt: z.number().int().positive().optional().describe('Absent: the latest.'),
    },
    run: ({ batch_id: id, task, attempt }, client) => textOf(client.taskLogs(id, task, { tail: LOG_LINES, attempt })),
  }),
];

const NOTEWORTHY = ['failed', 'aborted', 'parked', 'backoff', 'ready', 'running'] as const;

async function statusOf(id: string, client: Client): Promise<unknown> {
  const batch = await client.batch(id, 0);
  return { ...batch, tasks: await client.tasks(id, { states: NOTEWORTHY, limit: 100 }) };
}

async function textOf(chunks: AsyncIterable<string>): Promise<string> {
  let whole = '';
  for await (const chunk of chunks) whole += chunk;
  return whole === '' ? '(it printed nothing)' : whole;
}
