/**
 * When a log was how long. Programs write no times into their output, so whoever starts them notes the length now and
 * then, in a file beside the log; a reader finds with it where a time begins, as exactly as notes were made.
 */

import { appendFileSync, writeFileSync } from 'node:fs';

import { readFileIfExists, statIfThere } from '../files.ts';

/** Lines of the file: `mark AT SIZE`, and `cut BYTES` for what was cut off the head since the line before. */
function marksFile(path: string): string {
  return `${path}.marks`;
}

/** Notes how long the log is at that time (epoch ms); a log that does not exist is left alone. */
export function noteLength(path: string, at: number): void {
  const size = statIfThere(path)?.size;
  if (size === undefined) return;
  appendFileSync(marksFile(path), `mark ${at} ${size}\n`, { mode: 0o600 });
  thin(path);
}

/** To be told before the head of the log is cut off. Without marks there is nothing to keep right. */
export function noteCut(path: string, bytes: number): void {
  const hasMarks = statIfThere(marksFile(path)) !== undefined;
  if (hasMarks && bytes > 0) appendFileSync(marksFile(path), `cut ${bytes}\n`);
}

interface Mark {
  readonly at: number;
  /** In the log as it is now; negative: so many bytes before its begin, in the older parts. */
  readonly offset: number;
}

/** From the oldest to the youngest. */
export function readMarks(path: string): readonly Mark[] {
  const marks: { at: number; total: number }[] = [];
  let cut = 0;
  for (const line of (readFileIfExists(marksFile(path)) ?? '').split('\n')) {
    const [word, first, second] = line.split(' ');
    if (word === 'cut') cut += Number(first);
    if (word === 'mark') marks.push({ at: Number(first), total: cut + Number(second) });
  }
  return marks.map(({ at, total }) => ({ at, offset: total - cut }));
}

/** Where to begin in order to miss nothing from this time on; null: with the oldest there is. */
export function offsetSince(marks: readonly Mark[], since: number): number | null {
  return marks.findLast(({ at }) => at <= since)?.offset ?? null;
}

const MOST_BYTES = 64 * 1024;

/** The older half is kept half as exactly. */
function thin(path: string): void {
  if ((statIfThere(marksFile(path))?.size ?? 0) <= MOST_BYTES) return;
  const marks = readMarks(path);
  const half = Math.floor(marks.length / 2);
  const kept = marks.filter((_mark, index) => index >= half || index % 2 === 0);
  writeFileSync(marksFile(path), kept.map(({ at, offset }) => `mark ${at} ${offset}\n`).join(''));
}
