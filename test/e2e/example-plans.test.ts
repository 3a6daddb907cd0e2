/** Example plans on a simulated rig of five cards with 6 GB: packed by memory, with models that the brain loads itself. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, SubmitView, TaskDetailView, TaskView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';

const RIG = { DROVER_SIMULATE_RIG: '5x6144' };

async function runExample(house: House, name: string, ...more: string[]): Promise<BatchDetailView> {
  const submitted = await house.json<SubmitView>('submit', `examples/plans/${name}`, ...more, '--wait');
  expect(submitted).toMatchObject({ status: 'succeeded', tasks: { failed: 0, aborted: 0, skipped: 0 } });
  return house.json<BatchDetailView>('batch', 'show', submitted.batch_id);
}

test('video-batch: 252 tasks succeed on five cards, and the brain loads the model that the plan names', async () => {
  await using house = await openHouse(RIG);
  await house.drover('models', 'demo');

  const batch = await runExample(house, 'video-batch', '--set', 'SECONDS=0.05', '--set', 'MAX_TOKENS=8');

  expect(batch.counts).toMatchObject({ total: 252, succeeded: 252 });
  const page = readFileSync(join(batch.path, 'output', 'index.md'), 'utf8');
  expect(page.split('\n').filter((line) => line.startsWith('- **Day'))).toHaveLength(125);
  const devices = new Set(batch.tasks.filter(({ class: kind }) => kind === 'script').map(({ device }) => device));
  expect([...devices].every((device) => device?.startsWith('sim'))).toBe(true);
  expect(devices.size).toBe(5);

  const placed = await house.json<TaskView[]>('task', 'ls', '--batch', 'system');
  expect(placed.filter(({ id }) => id.startsWith('load_llm')).length).toBeGreaterThan(0);
  expect(placed[0]).toMatchObject({ type: 'meta', class: 'meta' });
  expect(await house.json<TaskDetailView>('task', 'show', `system/${placed[0]?.id ?? ''}`)).toMatchObject({
    batch_id: 'system',
    command: expect.stringMatching(/^load_llm demo sim\d$/) as string,
  });
});

test('video-batch on cards that hold a transcription or the model: calls wait for it, and none fails meanwhile', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x3000' });
  await house.drover('models', 'demo');

  const batch = await runExample(
    house,
    'video-batch',
    '--set',
    'COUNT=8',
    '--set',
    'SECONDS=0.5',
    '--set',
    'MAX_TOKENS=4',
  );

  expect(batch.counts).toMatchObject({ total: 18, succeeded: 18 });
  expect(batch.tasks.every(({ attempts }) => attempts === 1)).toBe(true);
}, 120_000);

test('embeddings: parts hold a fixed amount of a card and merge to one index', async () => {
  await using house = await openHouse(RIG);

  const batch = await runExample(house, 'embeddings');

  expect(batch.counts).toMatchObject({ total: 8, succeeded: 8 });
  const index = readFileSync(join(batch.path, 'output', 'index.jsonl'), 'utf8')
    .trim()
    .split('\n');
  expect(index.length).toBeGreaterThan(50);
  expect(readFileSync(join(batch.path, 'output', 'report.md'), 'utf8')).toMatch(
    /how to write a plan\n\n- 0\.\d+ docs\//,
  );
});
