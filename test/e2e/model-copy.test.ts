/** Models carried from one Drover to another: over ssh and HTTP, cut and killed on the way, there already, refused. */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { KeyView, ModelView } from '../../src/contract/index.ts';
import { writeDemoModel } from '../../src/models/index.ts';
import { openFarHouse } from '../support/far-house.ts';
import type { FarHouse } from '../support/far-house.ts';
import { openHouse, ROOT } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { digestOf, openHub } from '../support/hub.ts';
import { hasSshd } from '../support/sshd.ts';
import { openTollBridge } from '../support/toll-bridge.ts';

const MIB = 1024 * 1024;
let folder: string;
/** A part of a model that works. */
let weights: Buffer;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-copy-'));
  writeDemoModel(join(folder, 'demo.gguf'));
  weights = Buffer.concat([readFileSync(join(folder, 'demo.gguf')), Buffer.alloc(20 * MIB, 'drover')]);
  for (const part of [1, 2]) writeFileSync(join(folder, `big-0000${part}-of-00002.gguf`), weights);
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const firstPart = (): string => join(folder, 'big-00001-of-00002.gguf');
const linesOf = (text: string): unknown[] => text.trim().split('\n').map((line) => JSON.parse(line) as unknown); // prettier-ignore

describe.skipIf(!hasSshd)('over ssh', () => {
  let far: FarHouse;
  let rig: House;
  let desk: House;
  let host: string;

  beforeAll(async () => {
    far = await openFarHouse();
    ({ rig, desk, host } = far);
  });

  afterAll(() => far[Symbol.asyncDispose]());

  test('a model in parts goes over a connection that breaks off, is there once, and comes back', async () => {
    await desk.json('models', 'register', 'big', firstPart(), '--tier', '3');
    const cut = onceShort(far.sshd.client);
    const copied = await cut(() => desk.drover('models', 'copy', 'big', host));
    const again = await desk.drover('models', 'copy', 'big', host, '--json');
    const [there] = await desk.json<ModelView[]>('-H', host, 'models', 'ls');
    await desk.drover('models', 'rm', 'big');
    const back = await desk.drover('-H', host, 'models', 'copy', 'big', 'local');

    expect(copied).toMatchObject({ code: 0, stderr: '' });
    expect(linesOf(copied.stdout).at(-1)).toMatchObject({ event: 'ready', model: { id: 'big' } });
    expect(linesOf(again.stdout)).toMatchObject([{ event: 'ready' }]);
    expect(there).toMatchObject({
      state: 'ready',
      tier: 3,
      source: 'file',
      size_bytes: 2 * weights.length,
      files: [{ sha256: digestOf(weights) }, { sha256: digestOf(weights) }],
      hosts: [expect.any(String)],
    });
    expect(back).toMatchObject({ code: 0 });
    expect(await desk.json('models', 'info', 'big')).toMatchObject({ path: join(desk.home, 'models/big/big-00001-of-00002.gguf') }); // prettier-ignore
  });

  test('another model of that id stays, unless it is forced away; an unknown one is told', async () => {
    await desk.json('models', 'demo');
    await rig.json('models', 'import', firstPart(), '--name', 'demo');

    const refused = await desk.drover('models', 'copy', 'demo', host);
    const forced = await desk.drover('models', 'copy', 'demo', host, '--force');

    expect(refused).toMatchObject({ code: 5, stderr: expect.stringContaining('--force') as string });
    expect(forced).toMatchObject({ code: 0 });
    expect(await rig.json('models', 'info', 'demo')).toMatchObject({ source: 'demo', files: [{ role: 'weights' }] });
    expect(await desk.drover('models', 'copy', 'dmo', host)).toMatchObject({ code: 3 });
    expect(await desk.drover('models', 'copy', 'demo', 'nowhere')).toMatchObject({ code: 3 });
  });

  test('`pull --host` is a pull of the Drover there', async () => {
    await using hub = await openHub({ 'org/Small-GGUF': { files: { 'small-Q4_K_M.gguf': weights } } });
    await rig.drover('config', 'set', 'hub_endpoint', hub.url);
    await rig.drover('daemon', 'restart');

    const pulled = await desk.drover('models', 'pull', '--host', host, 'hf:org/Small-GGUF');

    expect(pulled).toMatchObject({ code: 0 });
    expect(await rig.json('models', 'info', 'small')).toMatchObject({ state: 'ready' });
    expect(await desk.drover('models', 'info', 'small')).toMatchObject({ code: 3 });
  });
});

/** Makes the next ssh of this client die when so much has gone over it. */
function onceShort(client: string): <T>(run: () => Promise<T>) => Promise<T> {
  const whole = readFileSync(client, 'utf8');
  const [, ssh = ''] = /^exec (.*)$/m.exec(whole) ?? [];
  const dying = `${process.execPath} ${join(ROOT, 'test/support/ssh-that-dies.mjs')} ${15 * MIB} ${ssh}`;
  return async (run) => {
    writeFileSync(client, `#!/bin/sh\nif mkdir ${client}.died 2>/dev/null; then exec ${dying}; else exec ${ssh}; fi\n`);
    try {
      return await run();
    } finally {
      writeFileSync(client, whole);
    }
  };
}

test('over HTTP a copy lives through the death of the receiver, and one that is ended goes on where it stopped', async () => {
  await using rig = await openHouse();
  await using desk = await openHouse();
  await using bridge = await openTollBridge(rig.port);
  const keyFile = join(desk.home, '..', 'rig.key');
  const { key } = await rig.json<KeyView & { key: string }>('key', 'create', '--scope', 'manage');
  writeFileSync(keyFile, key);
  await desk.drover('context', 'add', 'rig', bridge.url, '--key-file', keyFile);
  await desk.json('models', 'register', 'big', firstPart());

  bridge.cutAfter(10 * MIB, () => {
    process.kill(rig.pidOf('controller'), 'SIGKILL');
    bridge.cutAfter(10 * MIB, () => copying.kill('SIGINT'));
  });
  const copying = desk.start('models', 'copy', 'big', 'rig');
  const left = new Promise<number | null>((done) => copying.once('exit', done));
  const exit = await left;
  const parts = await rig.drover('models', 'prune', '--json');
  const ended = await desk.drover('models', 'copy', 'big', 'rig');

  expect(exit).toBe(130);
  expect(JSON.parse(parts.stdout)).toEqual([]);
  expect(ended).toMatchObject({ code: 0, stderr: '' });
  expect(await rig.json('models', 'verify', 'big')).toMatchObject([{ ok: true }]);
  // What each cut has lost is what was on its way.
  expect(bridge.passed()).toBeLessThan(2 * weights.length + 12 * MIB);
});

test('a key without the scope may neither fetch nor send a model', async () => {
  await using rig = await openHouse();
  await using desk = await openHouse();
  await rig.json('models', 'demo');
  await desk.json('models', 'demo');
  const { key } = await rig.json<KeyView & { key: string }>('key', 'create', '--scope', 'read,inference');
  desk.env['DROVER_API_KEY'] = key;

  expect(await desk.drover('models', 'copy', 'demo', rig.url)).toMatchObject({ code: 9 });
  expect(await desk.drover('-H', rig.url, 'models', 'copy', 'demo', 'local')).toMatchObject({ code: 9 });
});
