/** `drover mcp` as a planner sees it, through the client of the protocol's own SDK. */

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { join } from 'node:path';
import { expect, test } from 'vitest';

import type { BatchSummaryView, EscalationView, LintView, SubmitView } from '../../src/contract/index.ts';
import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';

async function planner(house: House) {
  const client = new Client({ name: 'test', version: '1' });
  const env = Object.fromEntries(Object.entries(house.env).flatMap(([key, value]) => (value ? [[key, value]] : [])));
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args: [join(ROOT, 'bin/drover.js'), 'mcp'],
      env,
      stderr: 'ignore',
    }),
  );
  const call = async (name: string, input: Record<string, unknown> = {}) => {
    const result = await client.callTool({ name, arguments: input });
    const [content] = result.content as { type: string; text: string }[]; // every tool answers one text
    return { text: content?.text ?? '', isError: result.isError === true };
  };
  return {
    client,
    call,
    json: async <T>(name: string, input?: Record<string, unknown>) => JSON.parse((await call(name, input)).text) as T,
    [Symbol.asyncDispose]: () => client.close(),
  };
}

test('a planner lints, submits and follows a plan, and reads what a task printed', async () => {
  await using house = await openHouse();
  await using drover = await planner(house);
  const folder = writePlan(house.home, planOf('small', [{ id: 'say', command: 'echo hello from a task' }]));

  const { tools } = await drover.client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['lint_plan', 'submit_plan', 'batch_status', 'task_logs', 'list_escalations', 'rig_status']),
  );
  const lint = await drover.json<LintView>('lint_plan', {
    text: '# Plan: x\n\n## Tasks\n\n### a\n- **comand**: `true`\n',
  });
  expect(lint.diagnostics).toContainEqual(expect.objectContaining({ severity: 'error', line: 6, code: 'P005' }));

  const { batch_id: id } = await drover.json<SubmitView>('submit_plan', { folder });
  const batch = await until(
    () => drover.json<BatchSummaryView>('batch_status', { id }),
    ({ status }) => status !== 'running',
  );
  expect(batch.status).toBe('succeeded');
  expect((await drover.call('task_logs', { batch_id: id, task: 'say' })).text).toContain('hello from a task');
});

test('what goes wrong is an answer with a code and a hint', async () => {
  await using house = await openHouse();
  await using drover = await planner(house);

  const missing = await drover.call('submit_plan', { folder: '/no/such/plan' });

  expect(missing.isError).toBe(true);
  expect(JSON.parse(missing.text)).toMatchObject({ code: 'PLAN_NOT_FOUND', hint: expect.any(String) as string });
});

test('a planner answers what the brain asks', async () => {
  await using house = await openHouse();
  await using drover = await planner(house);
  expect(await drover.json<readonly EscalationView[]>('list_escalations')).toEqual([]);
  expect((await drover.call('answer_escalation', { id: 99, answer: 'yes' })).isError).toBe(true);
});
