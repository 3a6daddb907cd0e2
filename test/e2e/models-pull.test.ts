/** Models from a stand-in of the hub, through the real command: pulled, killed on the way, refused, used, checked, removed. */

import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Ollama } from 'ollama';
import type { ProgressResponse } from 'ollama';
import { beforeAll, expect, test } from 'vitest';

import type { CatalogEntryView, ModelDetailView, ModelUsageView, ModelView } from '../../src/contract/index.ts';
import { writeDemoModel } from '../../src/models/index.ts';
import { isAlive, openHouse, until } from '../support/house.ts';
import { digestOf, openHub } from '../support/hub.ts';
import type { StandInHub } from '../support/hub.ts';
import { restOf } from '../support/rest.ts';

const REFERENCE = 'hf:org/Small-GGUF';
/** A model that works, as large as two chunks and a bit. */
let weights: Buffer;

beforeAll(() => {
  const folder = mkdtempSync(join(tmpdir(), 'drover-weights-'));
  writeDemoModel(join(folder, 'demo.gguf'));
  weights = Buffer.concat([readFileSync(join(folder, 'demo.gguf')), Buffer.alloc(17 * 1024 * 1024)]);
  rmSync(folder, { recursive: true });
});

function hubOf(): Promise<StandInHub> {
  return openHub({
    'org/Small-GGUF': { files: { 'README.md': Buffer.from('hello'), 'small-Q8_0.gguf': Buffer.from('no'), 'small-Q4_K_M.gguf': weights } }, // prettier-ignore
    'org/Gated-GGUF': { files: { 'gated-Q4_K_M.gguf': weights }, token: 'hf_secret' },
  });
}

test('a model is pulled, described, verified, asked, tested and removed', async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });

  const pulled = await house.drover('models', 'pull', REFERENCE, '--tier', '2');
  const again = await house.drover('models', 'download', REFERENCE);
  const info = await house.json<ModelDetailView>('models', 'info', 'small');
  const answer = await house.json<{ text: string }>('infer', '--model', REFERENCE, '--prompt', 'hello', '--max-tokens', '8'); // prettier-ignore
  const tested = await house.json<{ ok: boolean; tokens: number }[]>('models', 'test', '--all', '--backend', 'cpu');
  const verified = await house.drover('models', 'verify', '--all');
  const page = await house.drover('models', 'du');

  const lines = pulled.stdout.trim().split('\n').map((line) => JSON.parse(line) as { event: string }); // prettier-ignore
  expect(pulled).toMatchObject({ code: 0 });
  expect(lines.at(-1)).toMatchObject({ event: 'ready', model: { id: 'small', state: 'ready' } });
  expect(again).toMatchObject({ code: 0 });
  expect(info).toMatchObject({
    id: 'small',
    state: 'ready',
    tier: 2,
    source: REFERENCE,
    sha256: digestOf(weights),
    architecture: 'llama',
    fits: [{ device: 'cpu', fits: true }],
  });
  expect(info.hosts).toHaveLength(1);
  expect(answer.text.length).toBeGreaterThan(0);
  expect(tested).toMatchObject([{ model: 'small', device: 'cpu', ok: true }]);
  expect(verified).toMatchObject({ code: 0 });
  expect(page.stdout).toContain('small-Q4_K_M.gguf');

  writeFileSync(info.path, 'x', { flag: 'r+' });
  expect(await house.drover('models', 'verify', 'small')).toMatchObject({ code: 1, stdout: expect.stringContaining('digest') as string }); // prettier-ignore
  expect(await house.json<ModelView[]>('models', 'ls')).toMatchObject([{ id: 'small', state: 'failed' }]);
  // The instance that the question has made still serves it.
  const busy = await house.drover('models', 'rm', 'small');
  const [, user = ''] = /used by (\S+)/.exec(busy.stderr) ?? [];
  expect(busy).toMatchObject({ code: 5 });
  await house.drover('down', user);
  expect(await house.drover('models', 'rm', 'small')).toMatchObject({ code: 0 });
  expect(existsSync(info.path)).toBe(false);
});

test('a download outlives a killed controller and a killed agent, and fetches nothing twice', async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });
  const rest = restOf(house, 'socket');
  hub.faults.bytesPerSecond = 300_000;
  await house.drover('models', 'pull', REFERENCE, '--no-wait');
  const received = async (): Promise<number> => {
    const { body } = await rest.ask('/v2/models/downloads').catch(() => ({ body: [] }));
    return Array.isArray(body) ? ((body[0] as { received_bytes?: number } | undefined)?.received_bytes ?? 0) : 0;
  };
  await until(received, (bytes) => bytes > 1_000_000);

  const [controller, agent] = [house.pidOf('controller'), house.pidOf('agent')];
  process.kill(controller, 'SIGKILL');
  await until(() => !isAlive(controller));
  await until(received, (bytes) => bytes > 2_000_000);
  process.kill(agent, 'SIGKILL');
  await until(() => !isAlive(agent));
  await until(received, (bytes) => bytes > 3_000_000);
  hub.faults.bytesPerSecond = 0;

  expect(await house.drover('models', 'pull', REFERENCE)).toMatchObject({ code: 0 });
  expect(await house.json('models', 'info', 'small')).toMatchObject({ state: 'ready', sha256: digestOf(weights) });
  // Three chunks; those that were under way when the agent died are asked for once more, from where they stopped.
  expect(hub.ranges.filter((range) => /bytes=0-/.test(range))).toHaveLength(1);
});

test('a pull that is left goes on; cancelled, nothing is left of it', async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });
  hub.faults.bytesPerSecond = 200_000;
  const watching = house.start('models', 'pull', REFERENCE);
  const left = new Promise<number | null>((done) => watching.once('exit', done));
  await new Promise((seen) => watching.stdout?.once('data', seen));

  watching.kill('SIGINT');

  expect(await left).toBe(130);
  expect(await house.json('models', 'ls')).toMatchObject([{ id: 'small', state: 'downloading' }]);
  expect(await house.drover('models', 'rm', 'small')).toMatchObject({ code: 5 });
  const again = house.start('models', 'pull', REFERENCE);
  const ended = new Promise((done) => again.once('exit', done));
  await new Promise((seen) => again.stdout?.once('data', seen));
  expect(await house.drover('models', 'cancel', 'small')).toMatchObject({ code: 0 });
  expect(await ended).toBe(1);
  expect(await house.json('models', 'ls')).toEqual([]);
  expect(existsSync(join(house.home, 'models', 'small'))).toBe(false);
});

test('what cannot be pulled says why, with the exit code of its reason', async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });

  const gated = await house.drover('models', 'pull', 'hf:org/Gated-GGUF');
  const absent = await house.drover('models', 'pull', 'hf:org/nothing');
  const nonsense = await house.drover('models', 'pull', 'nonsense');
  house.env['HF_TOKEN'] = 'no-token-of-the-hub';
  const untrue = await house.drover('models', 'pull', 'hf:org/Gated-GGUF');
  delete house.env['HF_TOKEN'];
  await house.drover('config', 'set', 'offline', 'true');
  await house.drover('daemon', 'restart');
  const offline = await house.drover('models', 'pull', REFERENCE);

  expect(gated).toMatchObject({ code: 9, stderr: expect.stringMatching(/accept the terms.*HF_TOKEN/s) as string });
  expect(absent).toMatchObject({ code: 3 });
  expect(nonsense).toMatchObject({ code: 2 });
  expect(untrue).toMatchObject({ code: 2, stderr: expect.stringContaining('HF_TOKEN') as string });
  expect(offline).toMatchObject({ code: 9, stderr: expect.stringContaining('offline') as string });
  house.env['HF_TOKEN'] = 'hf_secret';
  await house.drover('config', 'set', 'offline', 'false');
  await house.drover('daemon', 'restart');
  expect(await house.drover('models', 'pull', 'hf:org/Gated-GGUF')).toMatchObject({ code: 0 });
  const logs = ['controller.log', 'agent.log'].map((name) => readFileSync(join(house.home, 'logs', name), 'utf8'));
  expect(logs.join('\n')).not.toContain('hf_secret');
});

test('a request for a model of the hub has it pulled where the settings allow it, and else is refused', async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });
  const ask = ['infer', '--model', REFERENCE, '--prompt', 'hello', '--max-tokens', '4'];

  const refused = await house.drover(...ask);
  await house.drover('config', 'set', 'auto_pull', 'true');
  const answered = await house.drover(...ask);

  expect(refused).toMatchObject({ code: 3 });
  expect(answered).toMatchObject({ code: 0 });
  expect(await house.json('models', 'ls')).toMatchObject([{ id: 'small', state: 'ready' }]);
});

test('files are imported, registered, retired and pruned', async () => {
  await using house = await openHouse();
  const file = join(house.home, '..', 'Own Model.gguf');
  writeFileSync(file, weights);

  const imported = await house.json<ModelView>('models', 'import', file);
  const catalog = await house.json<CatalogEntryView[]>('models', 'catalog');
  await house.drover('models', 'register', 'mine', file, '--tier', '3');
  await house.drover('models', 'unregister', 'own-model');
  const shown = await house.json<ModelView[]>('models', 'ls');
  const would = await house.json<ModelUsageView['entries']>('models', 'prune', '--dry-run');
  await house.drover('models', 'prune');
  await house.drover('models', 'rm', 'mine');

  expect(imported).toMatchObject({ id: 'own-model', sha256: digestOf(weights), source: 'import' });
  expect(catalog.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['tinyllama', 'qwen-0.5b', 'phi3', 'mistral']),
  );
  expect(shown).toMatchObject([{ id: 'mine', tier: 3, state: 'ready' }]);
  expect(would).toMatchObject([{ model: 'own-model', needed: false }]);
  expect(existsSync(imported.path)).toBe(false);
  expect(existsSync(file)).toBe(true);
});

test("Ollama's client pulls with progress, asks, deletes, and hears of errors in its own words", async () => {
  await using hub = await hubOf();
  await using house = await openHouse({ HF_ENDPOINT: hub.url });
  hub.faults.bytesPerSecond = 8 * 1024 * 1024;
  const { key } = await house.json<{ key: string }>('key', 'create', '--name', 'ollama', '--scope', 'manage');
  const ollama = new Ollama({ host: house.url, headers: { authorization: `Bearer ${key}` } });

  const told: ProgressResponse[] = [];
  for await (const line of await ollama.pull({ model: 'hf.co/org/Small-GGUF', stream: true })) told.push(line);
  const again = await ollama.pull({ model: 'small' });
  const { models } = await ollama.list();

  expect(told.map(({ status }) => status)).toEqual(expect.arrayContaining(['pulling manifest', 'success']));
  expect(told.some(({ completed = 0, total = 0 }) => completed > 0 && completed < total)).toBe(true);
  expect(again).toEqual({ status: 'success' });
  expect(models.map(({ name }) => name)).toEqual(['small']);

  await expect(ollama.pull({ model: 'hf.co/org/Nobody-GGUF' })).rejects.toThrow('Nobody-GGUF');
  await expect(new Ollama({ host: house.url }).delete({ model: 'small' })).rejects.toThrow('key');
  expect(await ollama.delete({ model: 'hf.co/org/Small-GGUF:latest' })).toMatchObject({ status: 'success' });
  await expect(ollama.delete({ model: 'small' })).rejects.toThrow('small');
  expect((await ollama.list()).models).toEqual([]);
});
