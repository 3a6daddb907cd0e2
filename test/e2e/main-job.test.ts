/** The main job through the real command: an instance, a request, a plan over real files. */

import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BatchDetailView, InstanceView, SubmitView } from '../../src/contract/index.ts';
import { openHouse, ROOT } from '../support/house.ts';

test('an instance comes up, answers, is listed, and goes down', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');
  expect(await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo')).toMatchObject({ code: 0 });

  expect(await house.drover('up', 'alpha')).toMatchObject({ code: 0 });
  const [row] = await house.json<InstanceView[]>('ps');
  expect(row).toMatchObject({
    name: 'alpha',
    desired: 'running',
    status: 'ready',
    health: 'healthy',
    engine: 'embedded',
    model: 'demo',
    device: 'cpu',
    slots: { busy: 0 },
    restarts: 0,
  });
  expect(row?.pid).toBeGreaterThan(0);
  expect(row?.port).toBeGreaterThanOrEqual(8001);

  const asked = await house.drover('infer', '--model', 'alpha', '--prompt', 'hello', '--max-tokens', '32');
  expect(asked.code).toBe(0);
  expect(asked.stdout.trim().length).toBeGreaterThan(10);
  expect(asked.stderr).toMatch(/tokens\/s/);

  expect(await house.drover('down', 'alpha')).toMatchObject({ code: 0 });
  const [stopped] = await house.json<InstanceView[]>('ps');
  expect(stopped).toMatchObject({ desired: 'stopped', status: 'stopped', pid: null });
});

test('the same seed gives the same text, another seed another', async () => {
  await using house = await openHouse();
  await upDemo(house);
  const ask = async (seed: string) =>
    (await house.drover('infer', '--model', 'demo', '--prompt', 'hello', '--max-tokens', '24', '--seed', seed)).stdout;

  const [first, again, other] = [await ask('1'), await ask('1'), await ask('2')];

  expect(again).toBe(first);
  expect(other).not.toBe(first);
});

test('the library plan counts words like wc, writes a sentence per file and combines them', async () => {
  await using house = await openHouse();
  await upDemo(house);

  const submitted = await house.json<SubmitView>('submit', 'examples/plans/library', '--wait');

  expect(submitted.status).toBe('succeeded');
  expect(submitted.tasks).toMatchObject({ failed: 0, aborted: 0 });
  expect(submitted.tasks.total).toBeGreaterThanOrEqual(2 + 2 * 30);
  expect(submitted.tasks.succeeded).toBe(submitted.tasks.total);
  const shown = await house.json<BatchDetailView>('batch', 'show', submitted.batch_id);
  expect(shown.tasks).toHaveLength(submitted.tasks.total);
  expect(wordCountsDiffering(shown.path)).toEqual([]);
  expect(readdirSync(shown.path)).toEqual(
    expect.arrayContaining(['RUN_SUMMARY.md', 'RUN_SUMMARY.json', 'batch_events.jsonl']),
  );
});

/** Rows of the combined CSV whose word count is not what `wc -w` says of the file. */
function wordCountsDiffering(batchPath: string): string[] {
  const manifest = JSON.parse(readFileSync(join(batchPath, 'manifest.json'), 'utf8')) as { files: { path: string }[] };
  const csv = readFileSync(join(batchPath, 'output', 'library.csv'), 'utf8');
  return manifest.files
    .map(({ path }) => ({
      path,
      words: Number(execFileSync('wc', ['-w', path], { cwd: ROOT, encoding: 'utf8' }).trim().split(' ')[0]),
    }))
    .filter(({ words }) => !csv.includes(`,${words},`))
    .map(({ path, words }) => `${path}: ${words}`);
}

async function upDemo(house: Awaited<ReturnType<typeof openHouse>>): Promise<void> {
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  const up = await house.drover('up', 'alpha');
  expect(up).toMatchObject({ code: 0 });
}
