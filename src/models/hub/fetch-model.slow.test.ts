import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { digestOf, openHub } from '../../../test/support/hub.ts';
import type { HubRepo, StandInHub } from '../../../test/support/hub.ts';
import { seededRandom } from '../../../test/support/seeded-random.ts';
import type { FetchOrder, FetchProgress } from '../../contract/models.ts';
import { systemClock } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { fetchModel } from './fetch-model.ts';
import type { FetchModelDeps } from './fetch-model.ts';
import { findHubModel } from './hub-listing.ts';
import { readReference } from './reference.ts';

/** More than two chunks. */
const BYTES = patterned(17 * 1024 * 1024);

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function patterned(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; at += 4096) bytes.writeUInt32LE(at, at);
  return bytes;
}

const repo = (rest: Partial<HubRepo> = {}): Record<string, HubRepo> => ({
  'org/repo': { files: { 'README.md': Buffer.from('x'), 'a.gguf': Buffer.from('a'), 'm-Q4_K_M.gguf': BYTES }, ...rest },
});

/** Waits of seconds pass at once, and are written down. */
function hurried(waits: number[] = []): Clock {
  return {
    ...systemClock,
    sleep: (ms, signal) => {
      if (ms !== 500) waits.push(ms);
      return systemClock.sleep(ms === 500 ? 20 : 0, signal);
    },
  };
}

async function orderOf(hub: StandInHub, text = 'hf:org/repo', token: string | null = null): Promise<FetchOrder> {
  const read = readReference(text);
  if (read.kind === 'invalid') throw new Error(read.reason);
  const deps = { hub: { endpoint: hub.url, token }, clock: hurried(), random: () => 0.25 };
  const model = await findHubModel(read.reference, deps, new AbortController().signal);
  const files = model.files.map(({ url, path, sizeBytes, sha256 }) => ({ url, name: path, sizeBytes, sha256 }));
  return { model: 'm', files };
}

function fetchAs(order: FetchOrder, deps: Partial<FetchModelDeps> = {}) {
  const all = { clock: hurried(), random: () => 0.25, token: null, isOffline: () => false, onProgress: () => {} };
  return fetchModel(order, folder, { ...all, signal: new AbortController().signal, ...deps });
}

const isWhole = (): boolean => digestOf(readFileSync(join(folder, 'm-Q4_K_M.gguf'))) === digestOf(BYTES);

test('a model is found through the pages of its repository, and comes whole, in chunks', async () => {
  await using hub = await openHub(repo());

  const order = await orderOf(hub);
  const fetched = await fetchAs(order);

  expect(order.files).toMatchObject([{ name: 'm-Q4_K_M.gguf', sizeBytes: BYTES.length, sha256: digestOf(BYTES) }]);
  expect(fetched).toEqual([{ path: join(folder, 'm-Q4_K_M.gguf'), sizeBytes: BYTES.length, sha256: digestOf(BYTES) }]);
  expect(isWhole()).toBe(true);
  expect(hub.ranges).toHaveLength(3);
  expect(readdirSync(folder)).toEqual(['m-Q4_K_M.gguf']);
});

test('cuts, addresses that expire and a hub that is busy are lived through, as long as the hub says', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  Object.assign(hub.faults, { cut: 5, expired: 2, busy: 1, busySeconds: 7 });
  const waits: number[] = [];

  await fetchAs(order, { clock: hurried(waits) });

  expect(isWhole()).toBe(true);
  expect(waits).toContain(7_000);
});

test('a connection that stalls is left for another', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  hub.faults.stall = 1;
  const notes: (string | null)[] = [];

  await fetchAs(order, { stallMs: 300, onProgress: ({ note }: FetchProgress) => void notes.push(note) });

  expect(isWhole()).toBe(true);
  expect(hub.ranges.length).toBeGreaterThan(3);
});

test('after six more tries without a byte it gives up, and goes on from there the next time', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  hub.faults.cut = 3;
  await expect(
    fetchAs(order, {
      clock: {
        ...hurried(),
        // From the first cut on nobody answers.
        sleep: async (ms, signal) => {
          if (ms !== 500) Object.assign(hub.faults, { busy: 100 });
          return systemClock.sleep(ms === 500 ? 20 : 0, signal);
        },
      },
    }),
  ).rejects.toMatchObject({ code: 'DOWNLOAD_FAILED', hint: expect.stringContaining('7 times') as string });
  hub.faults.busy = 0;
  const before = hub.ranges.length;
  const first: FetchProgress[] = [];

  await fetchAs(order, { onProgress: (progress) => void first.push(progress) });

  expect(isWhole()).toBe(true);
  expect(hub.ranges.slice(before).some((range) => range.endsWith('bytes=0-8388607'))).toBe(false);
});

test('what was there before counts only when it is of the same file', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  writeFileSync(join(folder, 'm-Q4_K_M.gguf.part'), 'other');
  writeFileSync(
    join(folder, 'm-Q4_K_M.gguf.part.json'),
    '{"sizeBytes":5,"sha256":null,"chunkBytes":8388608,"done":[5]}',
  );

  await fetchAs(order);

  expect(isWhole()).toBe(true);
});

test('a file whose digest is wrong is fetched once more, and the second time it is refused and removed', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  hub.faults.corrupt = 1;
  await fetchAs(order);
  expect(isWhole()).toBe(true);
  rmSync(join(folder, 'm-Q4_K_M.gguf'));

  hub.faults.corrupt = 100;

  await expect(fetchAs(order)).rejects.toMatchObject({ code: 'DOWNLOAD_CORRUPT' });
  expect(readdirSync(folder)).toEqual([]);
});

test('what is there is not fetched again', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  await fetchAs(order);
  const before = hub.ranges.length;

  await fetchAs(order);

  expect(hub.ranges).toHaveLength(before);
});

test('without room nothing is asked for, and what is there counts as room', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);

  await expect(fetchAs(order, { freeBytes: async () => BYTES.length })).rejects.toMatchObject({ code: 'DISK_FULL' });

  expect(hub.ranges).toEqual([]);
  expect(existsSync(join(folder, 'm-Q4_K_M.gguf.part'))).toBe(false);
});

test('a caller who leaves stops it at once, and what has come stays', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  hub.faults.bytesPerSecond = 2_000_000;
  const leave = new AbortController();
  const onProgress = ({ receivedBytes }: FetchProgress): void => {
    if (receivedBytes > 0) leave.abort(new Error('left'));
  };

  await expect(fetchAs(order, { signal: leave.signal, onProgress })).rejects.toThrow('left');

  expect(statSync(join(folder, 'm-Q4_K_M.gguf.part')).size).toBeGreaterThan(0);
  expect(existsSync(join(folder, 'm-Q4_K_M.gguf.part.json'))).toBe(true);
});

test('a hub that is forbidden on the way is asked no more; allowed again, it goes on where it stopped', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  hub.faults.cut = 3;

  const stopped = fetchAs(order, { isOffline: () => hub.ranges.length >= 3 });

  await expect(stopped).rejects.toMatchObject({ code: 'OFFLINE' });
  expect(hub.ranges).toHaveLength(3);
  await fetchAs(order);
  expect(isWhole()).toBe(true);
  expect(hub.ranges.slice(3).filter((range) => range.includes('bytes=0-'))).toEqual([]);
});

test('a gated repository names the page and the variable; with a token it comes, and only the hub sees that', async () => {
  await using hub = await openHub(repo({ token: 'secret' }));
  const order = await orderOf(hub);

  await expect(fetchAs(order)).rejects.toMatchObject({
    code: 'MODEL_GATED',
    hint: expect.stringMatching(/org\/repo.*HF_TOKEN/) as string,
  });
  await fetchAs(order, { token: 'secret' });

  expect(isWhole()).toBe(true);
});

test('terms that were not accepted are told apart from a model that is not there', async () => {
  await using hub = await openHub(repo({ token: 'secret', refuses: true }));

  await expect(fetchAs(await orderOf(hub), { token: 'secret' })).rejects.toMatchObject({
    code: 'MODEL_GATED',
    message: expect.stringContaining('to this account') as string,
  });
  await expect(orderOf(hub, 'hf:org/nothing')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  await expect(orderOf(hub, 'hf:org/repo@other')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
  await expect(orderOf(hub, 'hf:org/repo:Q2_K')).rejects.toMatchObject({ hint: expect.stringContaining('Q4_K_M') as string }); // prettier-ignore
});

test('an API that is busy is asked again', async () => {
  await using hub = await openHub(repo());
  Object.assign(hub.faults, { busyApi: 2, busySeconds: 1 });

  expect((await orderOf(hub)).files).toHaveLength(1);
});

test('any pattern of cuts and kills ends with the whole file', async () => {
  await using hub = await openHub(repo());
  const order = await orderOf(hub);
  const random = seededRandom(7);
  for (let life = 0; life < 4; life++) {
    const kill = new AbortController();
    hub.faults.cut = Math.floor(random() * 4);
    const onBytes = (): void => void (random() < 0.3 && kill.abort(new Error('killed')));
    await fetchAs(order, { signal: kill.signal, onProgress: onBytes }).catch(() => {});
  }

  await fetchAs(order);

  expect(isWhole()).toBe(true);
});
