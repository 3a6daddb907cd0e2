import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import type { ModelOffer, OfferView } from '../../contract/index.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import { writeDemoModel } from '../../models/index.ts';
import { openStore } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createArrivals } from './arrivals.ts';
import { createModelCopies } from './model-copies.ts';
import { createModelFiles } from './model-files.ts';
import { createModelRegistry } from './model-registry.ts';

const ID = 'small';
const MIB = 1024 * 1024;
let root: string;
let weights: Buffer;
let opened: Store[];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'drover-copies-'));
  writeDemoModel(join(root, 'demo.gguf'));
  weights = Buffer.concat([readFileSync(join(root, 'demo.gguf')), Buffer.alloc(9 * MIB, 7)]);
  opened = [];
});

afterEach(async () => {
  for (const store of opened) await store.close();
  rmSync(root, { recursive: true, force: true });
});

/** One Drover of the test, as far as models go. */
async function drover(name: string, { users = [] }: { readonly users?: readonly string[] } = {}) {
  const clock = new TestClock();
  const folder = join(root, name, 'models');
  mkdirSync(folder, { recursive: true });
  const store = await openStore({ url: `sqlite:${join(root, name, 'store.db')}`, log: silentLog, clock });
  opened.push(store);
  const models = await createModelRegistry({ store, modelsFolder: folder, host: name, onChange: () => {} });
  const arrivals = createArrivals(clock);
  const usersOf = (): readonly string[] => users;
  const files = createModelFiles({ models, folder, usersOf, arrivals });
  const copies = createModelCopies({ models, files, folder, host: name, usersOf, arrivals, clock });
  return { models, files, copies, folder, clock };
}

type Drover = Awaited<ReturnType<typeof drover>>;

async function holder(...names: readonly string[]): Promise<Drover> {
  const there = await drover('there');
  for (const name of names) writeFileSync(join(root, name), weights);
  await there.models.register({ id: ID, path: join(root, names[0] ?? ''), source: 'hf:org/x', tier: 3 });
  return there;
}

const take = (to: Drover, offer: ModelOffer, replace = false): Promise<OfferView> =>
  to.copies.take(ID, offer, { replace });

async function* told(...parts: readonly Buffer[]): AsyncGenerator<Buffer> {
  yield* parts;
}

async function sendAll(to: Drover, answer: OfferView): Promise<void> {
  if (answer.kind !== 'wanted') throw new Error(`nothing is wanted: ${answer.kind}`);
  for (const piece of answer.missing) {
    await to.copies.receive(ID, piece, told(weights.subarray(piece.from, piece.to)));
  }
}

const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

test('a model in parts goes over with its tier and its source, and is in the catalogue when it is verified', async () => {
  const [there, here] = [await holder('x-00001-of-00002.gguf', 'x-00002-of-00002.gguf'), await drover('here')];

  const offer = await there.copies.offerOf(ID);
  const wanted = await take(here, offer);
  await sendAll(here, wanted);
  const before = here.models.all().size;
  const arrived = await take(here, offer);

  expect(wanted).toMatchObject({ kind: 'wanted', received_bytes: 0, total_bytes: 2 * weights.length });
  expect(before).toBe(0);
  expect(arrived).toMatchObject({
    kind: 'arrived',
    model: { state: 'ready', tier: 3, source: 'hf:org/x', hosts: ['here'], sha256: digest(weights) },
  });
  expect(here.models.record(ID).files.map(({ path }) => path)).toEqual([
    join(here.folder, ID, 'x-00001-of-00002.gguf'),
    join(here.folder, ID, 'x-00002-of-00002.gguf'),
  ]);
  expect(await take(here, offer)).toMatchObject({ kind: 'present' });
});

test('what came before a cut is not wanted again, and bytes that do not follow it are not taken', async () => {
  const [there, here] = [await holder('x.gguf'), await drover('here')];
  const offer = await there.copies.offerOf(ID);
  const [file] = offer.files;
  const piece = { name: 'x.gguf', size_bytes: weights.length, sha256: file?.sha256 ?? '', from: 0 };
  async function* cut(): AsyncGenerator<Buffer> {
    yield weights.subarray(0, 8 * MIB + 5);
    throw Object.assign(new Error('aborted'), { code: 'ECONNRESET' });
  }

  await expect(here.copies.receive(ID, piece, cut())).rejects.toMatchObject({ code: 'ABORTED' });
  const wanted = await take(here, offer);
  const twice = await here.copies.receive(ID, piece, told(weights));
  await sendAll(here, wanted);

  expect(wanted).toMatchObject({ received_bytes: 8 * MIB + 5, missing: [{ from: 8 * MIB + 5, to: weights.length }] });
  expect(twice).toEqual({ taken_bytes: 0 });
  expect(await take(here, offer)).toMatchObject({ kind: 'arrived' });
});

test('another model of that id stays, unless it shall be replaced and nothing uses it', async () => {
  const [there, here] = [await holder('x.gguf'), await drover('here')];
  const busy = await drover('busy', { users: ['chat-1'] });
  const offer = await there.copies.offerOf(ID);
  await here.files.import({ id: ID, path: join(root, 'demo.gguf') });
  await busy.files.import({ id: ID, path: join(root, 'demo.gguf') });

  await expect(take(here, offer)).rejects.toMatchObject({ code: 'MODEL_EXISTS' });
  await expect(take(busy, offer, true)).rejects.toMatchObject({ code: 'MODEL_BUSY' });
  await sendAll(here, await take(here, offer, true));
  const arrived = await take(here, offer, true);

  expect(arrived).toMatchObject({ kind: 'arrived', model: { source: 'hf:org/x' } });
  expect(existsSync(join(here.folder, ID, 'demo.gguf'))).toBe(false);
});

test('bytes that are not those of the offer are thrown away, and the catalogue does not know them', async () => {
  const [there, here] = [await holder('x.gguf'), await drover('here')];
  const offer = await there.copies.offerOf(ID);
  const [file] = offer.files;
  const piece = { name: 'x.gguf', size_bytes: weights.length, sha256: file?.sha256 ?? '', from: 0 };
  await here.copies.receive(ID, piece, told(Buffer.alloc(weights.length)));

  await expect(take(here, offer)).rejects.toMatchObject({ code: 'DOWNLOAD_CORRUPT' });

  expect(here.models.all().size).toBe(0);
  expect(await take(here, offer)).toMatchObject({ kind: 'wanted', received_bytes: 0 });
});

test('a model that no disk holds is refused before anything is listed of it', async () => {
  const [there, here] = [await holder('x.gguf'), await drover('here')];
  const offer = await there.copies.offerOf(ID);
  const files = offer.files.map((file) => ({ ...file, size_bytes: Number.MAX_SAFE_INTEGER }));

  await expect(take(here, { ...offer, files })).rejects.toMatchObject({ code: 'DISK_FULL' });
});

test('what arrives is spared by a prune until nothing has come for ten minutes', async () => {
  const [there, here] = [await holder('x.gguf'), await drover('here')];
  await sendAll(here, await take(here, await there.copies.offerOf(ID)));

  const spared = await here.files.prune();
  await here.clock.advance(600_000);

  expect(spared).toEqual([]);
  expect((await here.files.prune()).map(({ path }) => path)).toContain(join(here.folder, ID, 'x.gguf.part'));
});

test('a model whose file is gone is not offered', async () => {
  const there = await holder('x.gguf');
  rmSync(join(root, 'x.gguf'));

  await expect(there.copies.offerOf(ID)).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  expect(() => there.copies.fileOf(ID, '../demo.gguf')).toThrow('no file');
});
