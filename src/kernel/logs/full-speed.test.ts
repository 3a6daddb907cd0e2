/** Rotation under a program that writes as fast as it can: nothing is lost, nothing waits. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { AT_ONCE_MS } from '../../../test/support/patience.ts';
import { systemClock } from '../clock.ts';
import { noteLength } from './marks.ts';
import { readLogs } from './read-logs.ts';
import { rotateLog } from './rotate-log.ts';
import type { Rotation } from './rotate-log.ts';

const LINES = 300_000;
/** Writes numbered lines to its stdout, one write each; says at the end how long the longest write took, in ms. */
const WRITER = `
const { writeSync } = require('node:fs');
let longest = 0;
for (let n = 0; n < ${LINES}; n++) {
  const begun = process.hrtime.bigint();
  writeSync(1, 'line ' + n + ' of a log that is written at full speed\\n');
  const took = Number(process.hrtime.bigint() - begun) / 1e6;
  if (took > longest) longest = took;
}
writeSync(2, String(longest));
`;

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-full-speed-'));
  path = join(folder, 'stdout.log');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** As the launcher does it: a file opened for appending is the program's stdout. */
function startWriter() {
  const command = `exec "${process.execPath}" -e "$0" >>"${path}"`;
  return spawn('/bin/bash', ['-c', command, WRITER], { stdio: ['ignore', 'ignore', 'pipe'] });
}

async function canCollapse(): Promise<boolean> {
  const probe = join(folder, 'probe');
  writeFileSync(probe, Buffer.alloc(200_000));
  return (await rotateLog(probe, { maxBytes: 1, keep: 1 })) === 'collapsed';
}

function* numbersIn(text: string): Generator<number> {
  for (const [, number] of text.matchAll(/^line (\d+) of a log that is written at full speed$/gm)) yield Number(number);
}

async function readWhole(): Promise<string> {
  const pieces: string[] = [];
  const { signal } = new AbortController();
  for await (const piece of readLogs({ paths: [path], follow: false, signal, clock: systemClock })) pieces.push(piece);
  return pieces.join('');
}

/** What a follower reads until the last line. */
async function followWhole(): Promise<string> {
  const pieces: string[] = [];
  const left = new AbortController();
  for await (const piece of readLogs({ paths: [path], follow: true, signal: left.signal, clock: systemClock })) {
    pieces.push(piece);
    if (piece.includes(`line ${LINES - 1} `)) break;
  }
  return pieces.join('');
}

function firstWrong(text: string): number | null {
  let expected = 0;
  for (const number of numbersIn(text)) if (number !== expected++) return expected - 1;
  return expected === LINES ? null : expected;
}

test('rotation at full speed loses no line and does not keep the writer waiting', async (context) => {
  if (!(await canCollapse())) return context.skip('this file system cannot cut off the head of a file');
  writeFileSync(path, '');
  const followed = followWhole();
  const writer = startWriter();
  let said = '';
  writer.stderr.on('data', (data: Buffer) => (said += data.toString()));
  const ended = once(writer, 'close');
  const rotations: Rotation[] = [];
  while (writer.exitCode === null) {
    noteLength(path, systemClock.now());
    rotations.push(await rotateLog(path, { maxBytes: 500_000, keep: 100 }));
    await systemClock.sleep(5);
  }
  await ended;

  expect(rotations.filter((rotation) => rotation === 'collapsed').length).toBeGreaterThan(3);
  expect(rotations).not.toContain('truncated');
  expect(firstWrong(await readWhole())).toBeNull();
  expect(firstWrong(await followed)).toBeNull();
  expect(Number(said)).toBeLessThan(AT_ONCE_MS);
});

test('a reader who asks for a time gets it from the note before on, also from parts that were rotated since', async () => {
  const clock = { at: 1_000 };
  const write = async (from: number, to: number): Promise<void> => {
    const lines = Array.from({ length: to - from }, (_, index) => `line ${from + index} of some length\n`).join('');
    writeFileSync(path, lines, { flag: 'a' });
    noteLength(path, (clock.at += 1_000));
    await rotateLog(path, { maxBytes: 100_000, keep: 9 });
  };
  const first = async (since: number): Promise<string | undefined> => {
    const { signal } = new AbortController();
    for await (const text of readLogs({ paths: [path], since, follow: false, signal, clock: systemClock })) {
      return text.split('\n')[0];
    }
    return undefined;
  };

  for (let step = 0; step < 6; step++) await write(step * 6_000, (step + 1) * 6_000);

  expect(await first(0)).toBe('line 0 of some length');
  expect(await first(1_999)).toBe('line 0 of some length');
  expect(await first(2_500)).toBe('line 6000 of some length');
  expect(await first(6_000)).toBe('line 30000 of some length');
  expect(await first(7_500)).toBeUndefined();
});

test('marks are thinned out where they are old, and stay in order', () => {
  writeFileSync(path, 'text\n');
  for (let at = 0; at < 10_000; at++) noteLength(path, at);

  const lines = readFileSync(`${path}.marks`, 'utf8').trim().split('\n');

  expect(lines.length).toBeLessThan(6_000);
  expect(lines.at(-1)).toBe('mark 9999 5');
});
