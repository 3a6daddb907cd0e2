/**
 * The program that every contestant keeps alive: a fake engine behind a small script that notes when each of its
 * processes began. A note is the first instruction of a process, whoever started it.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { join } from 'node:path';

import { ROOT } from '../../test/support/house.ts';

export interface Program {
  /** An executable that takes `--port N`. */
  readonly file: string;
  /** Beginnings of the processes on this port: pid, and epoch ms. */
  beginnings(port: number): readonly { readonly pid: number; readonly at: number }[];
}

const LOOK_MS = 2;

export function makeProgram(folder: string): Program {
  const notes = join(folder, 'beginnings');
  mkdirSync(notes, { recursive: true });
  const file = join(folder, 'engine.sh');
  const engine = join(ROOT, 'test/support/fake-engine/fake-engine.mjs');
  const script = `#!/bin/sh
for word; do [ "$before" = --port ] && echo "$$ $(date +%s%N)" >>"${notes}/$word"; before=$word; done
exec "${process.execPath}" "${engine}" "$@"
`;
  writeFileSync(file, script, { mode: 0o755 });
  return {
    file,
    beginnings(port) {
      const lines = readIfThere(join(notes, String(port)))
        .split('\n')
        .slice(0, -1);
      return lines.map((line) => {
        const [pid = '', nanoseconds = ''] = line.split(' ');
        return { pid: Number(pid), at: Number(nanoseconds) / 1e6 };
      });
    },
  };
}

export function portsFrom(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => first + index);
}

/** Resolves when `/health` of every port answers 200. */
export async function untilHealthy(ports: readonly number[]): Promise<void> {
  await Promise.all(
    ports.map(async (port) => {
      while (!(await answersHealthy(port))) await pause(LOOK_MS * Math.ceil(ports.length / 10));
    }),
  );
}

/** Ends the youngest process on this port as a crash would. Resolves with the ms until its successor began. */
export async function crash(program: Program, port: number): Promise<number> {
  const before = program.beginnings(port);
  const killedAt = epochMs();
  process.kill(before.at(-1)?.pid ?? 0, 'SIGKILL');
  for (;;) {
    const next = program.beginnings(port)[before.length];
    if (next !== undefined) return next.at - killedAt;
    await pause(LOOK_MS);
  }
}

/** With a fraction, unlike Date.now. */
export function epochMs(): number {
  return performance.timeOrigin + performance.now();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resume) => setTimeout(resume, ms));
}

function answersHealthy(port: number): Promise<boolean> {
  return new Promise((answer) => {
    const request = get({ host: '127.0.0.1', port, path: '/health', agent: false }, (response) => {
      response.resume();
      answer(response.statusCode === 200);
    });
    request.on('error', () => answer(false));
  });
}

function readIfThere(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
