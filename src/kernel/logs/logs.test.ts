/** Reading logs while they are written, cut and begun; rotation under a writer that knows nothing of it. */

import { appendFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { systemClock } from '../clock.ts';
import { createLineAssembler } from './lines.ts';
import { readLogs } from './read-logs.ts';
import { rotateLog } from './rotate-log.ts';
import type { CutHead } from './rotate-log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-logs-'));
  path = join(folder, 'stderr.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const neverAborted = new AbortController().signal;

async function readAll(tailLines?: number, paths: readonly string[] = [path]): Promise<string> {
  let text = '';
  for await (const piece of readLogs({ paths, tailLines, follow: false, signal: neverAborted, clock: systemClock })) {
    text += piece;
  }
  return text;
}

interface Follower {
  /** Resolves with all that was read, once it holds this. */
  until(text: string): Promise<string>;
  stop(): Promise<void>;
}

function noCheck(): void {}

function follow(tailLines: number): Follower {
  const abort = new AbortController();
  let text = '';
  let check = noCheck;
  const reading = (async () => {
    const options = { paths: [path], tailLines, follow: true, signal: abort.signal, clock: systemClock };
    for await (const piece of readLogs(options)) {
      text += piece;
      check();
    }
  })();
  return {
    until: (wanted) =>
      new Promise((resolve) => {
        check = () => text.includes(wanted) && resolve(text);
        check();
      }),
    stop: () => (abort.abort(), reading),
  };
}

function numbered(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, index) => `line ${from + index}\n`).join('');
}

test('a log below what is no folder has nothing', async () => {
  writeFileSync(path, 'a file where a folder was');

  expect(await readAll(undefined, [join(path, '1', 'stdout')])).toBe('');
});

test('the last lines are found from the end, across blocks and with or without a last newline', async () => {
  writeFileSync(path, `${numbered(0, 20_000)}the end`);

  expect(await readAll(3)).toBe('line 19998\nline 19999\nthe end\n');
  expect(await readAll(0)).toBe('');
  expect(await readAll(30_000)).toBe(`${numbered(0, 20_000)}the end\n`);
});

test('a log that does not exist is empty', async () => {
  expect(await readAll()).toBe('');
  expect(await readAll(5, [join(folder, 'nowhere', 'x.log')])).toBe('');
});

test('older parts come first, and lend lines to a tail that needs them', async () => {
  writeFileSync(`${path}.2`, 'a\nb\n');
  writeFileSync(`${path}.1`, 'c\nd\n');
  writeFileSync(path, 'e\n');

  expect(await readAll()).toBe('a\nb\nc\nd\ne\n');
  expect(await readAll(2)).toBe('d\ne\n');
});

test('a follower sees what is appended, and ends when told', async () => {
  writeFileSync(path, 'old\nlast\n');
  const follower = follow(1);
  await follower.until('last');

  appendFileSync(path, 'new\n');
  const text = await follower.until('new');
  await follower.stop();

  expect(text).toBe('last\nnew\n');
});

test('a follower waits for a log that is not there yet', async () => {
  const follower = follow(10);

  appendFileSync(path, 'first\n');
  const text = await follower.until('first');
  await follower.stop();

  expect(text).toBe('first\n');
});

test('a reader who leaves in the middle of following is let go', async () => {
  writeFileSync(path, 'one\n');
  const reading = readLogs({ paths: [path], follow: true, signal: neverAborted, clock: systemClock });

  const first = await reading.next();
  await reading.return(undefined);

  expect(first.value).toBe('one\n');
});

test('a log that somebody empties is followed from its new begin', async () => {
  writeFileSync(path, numbered(0, 100));
  const follower = follow(1);
  await follower.until('line 99');

  truncateSync(path, 0);
  appendFileSync(path, 'fresh\n');
  const text = await follower.until('fresh');
  await follower.stop();

  expect(text).toBe('line 99\nfresh\n');
});

const cannotCut: CutHead = () => Promise.resolve(false);

test.each([
  ['collapsed where the file system can, else cut', undefined],
  ['cut', cannotCut],
])('a log that is %s at its head loses nothing, for those who follow either', async (_how, cutHead) => {
  writeFileSync(path, numbered(0, 30_000));
  const follower = follow(1);
  await follower.until('line 29999');

  appendFileSync(path, numbered(30_000, 30_010));
  const rotation = await rotateLog(path, { maxBytes: 100_000, keep: 2 }, cutHead);
  appendFileSync(path, numbered(30_010, 30_020));
  const followed = await follower.until('line 30019');
  await follower.stop();

  expect(['collapsed', 'truncated']).toContain(rotation);
  expect(followed).toBe(numbered(29_999, 30_020));
  expect(await readAll()).toBe(numbered(0, 30_020));
});

test('what this process writes while its log is cut is kept', async () => {
  writeFileSync(path, numbered(0, 30_000));
  let written = 30_000;
  let writing = true;
  const writer = (async () => {
    for (; writing; written++) {
      appendFileSync(path, `line ${written}\n`);
      await new Promise((next) => setImmediate(next));
    }
  })();

  const rotation = await rotateLog(path, { maxBytes: 100_000, keep: 2 }, cannotCut);
  writing = false;
  await writer;

  expect(rotation).toBe('truncated');
  expect(await readAll()).toBe(numbered(0, written));
});

test('a head that was cut off by a rotation which died over it is kept by the next one', async () => {
  writeFileSync(`${path}.tmp`, numbered(0, 10));
  writeFileSync(path, numbered(10, 30_000));

  await rotateLog(path, { maxBytes: 100_000, keep: 2 });

  expect(await readAll()).toBe(numbered(0, 30_000));
});

test('a copy of a head that was never cut off is made anew', async () => {
  writeFileSync(path, numbered(0, 30_000));
  writeFileSync(`${path}.tmp`, numbered(0, 10));

  await rotateLog(path, { maxBytes: 100_000, keep: 2 });

  expect(await readAll()).toBe(numbered(0, 30_000));
});

test('without older parts to keep, the head goes', async () => {
  writeFileSync(path, numbered(0, 30_000));

  await rotateLog(path, { maxBytes: 100_000, keep: 0 }, cannotCut);

  expect(readdirSync(folder)).toEqual(['stderr.log']);
  expect(await readAll()).toBe('');
});

test('a log within its bounds is left alone, and only so many older parts are kept', async () => {
  const limits = { maxBytes: 10, keep: 2 };
  writeFileSync(path, 'short\n');
  const first = await rotateLog(path, limits, cannotCut);
  for (const letter of ['a', 'b', 'c']) {
    writeFileSync(path, letter.repeat(11));
    await rotateLog(path, limits, cannotCut);
  }

  expect(first).toBe('not-due');
  expect(readFileSync(`${path}.1`, 'utf8')).toBe('c'.repeat(11));
  expect(readFileSync(`${path}.2`, 'utf8')).toBe('b'.repeat(11));
  await expect(rotateLog(join(folder, 'none.log'), limits)).resolves.toBe('not-due');
});

test('a line of 200 KB is cut, and the next one follows', async () => {
  writeFileSync(path, `${'x'.repeat(200_000)}\nnext\n`);

  const text = await readAll();

  expect(text).toBe(`${'x'.repeat(65_536)} …[134464 more]\nnext\n`);
});

test('lines come whole, however the pieces fall', () => {
  const lines = createLineAssembler(10);

  const pieces = [lines.push('ab'), lines.push('c\nd'), lines.push('\n\nx'), lines.flush(), lines.flush()];

  expect(pieces).toEqual(['', 'abc\n', 'd\n\n', 'x', '']);
});

test('two streams are read side by side without tearing lines', async () => {
  const other = join(folder, 'stdout.log');
  writeFileSync(path, numbered(0, 50));
  writeFileSync(other, numbered(50, 100));

  const text = await readAll(undefined, [path, other]);

  expect(text.split('\n').toSorted().join()).toBe(numbered(0, 100).split('\n').toSorted().join());
});
