/** What a launch record says at every moment of its writing. */

import { describe, expect, test } from 'vitest';

import { FORGOTTEN, parseRecord } from './record.ts';

const HEAD = 'launch one b-1\n';
const STAT = `stat 4711 (a) b (c) S 1 4711 4700 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 987654 0 0\n`;

describe('a record', () => {
  test('of a watcher that has not forked yet knows nothing', () => {
    expect(parseRecord(HEAD)).toEqual({ id: 'one', started: null, failed: null, ended: null });
  });

  test('gives the pid and the start time, whatever the program is called', () => {
    expect(parseRecord(HEAD + STAT).started).toEqual({ pid: 4711, startTime: '987654', bootId: 'b-1' });
  });

  test('gives the pid alone where /proc is missing', () => {
    expect(parseRecord(`${HEAD}pid 12\n`).started).toEqual({ pid: 12, startTime: null, bootId: 'b-1' });
  });

  test('begins behind one that is forgotten', () => {
    const old = `${HEAD}${STAT}ended 3\n${FORGOTTEN}`;
    expect(parseRecord(old)).toEqual({ id: null, started: null, failed: null, ended: null });
    expect(parseRecord(`${old}${HEAD}pid 12\n`)).toMatchObject({ started: { pid: 12 }, ended: null });
  });

  test('counts a line only when it is whole', () => {
    expect(parseRecord(`${HEAD}${STAT}ended 1`).ended).toBeNull();
    expect(parseRecord(`${HEAD}${STAT}ended 12\n`).ended).toEqual({ code: 12 });
  });

  test('tells a signal from the exit code that looks like one', () => {
    expect(parseRecord(`${STAT}[1]+  Terminated  prog\nended 143\n`).ended).toEqual({ signal: 'SIGTERM' });
    expect(parseRecord(`${STAT}[1]+  Exit 143  prog\nended 143\n`).ended).toEqual({ code: 143 });
    expect(parseRecord(`${STAT}[1]+  Done(143)  prog\nended 143\n`).ended).toEqual({ code: 143 });
  });

  test('takes what looks like a signal for one when nothing else was written', () => {
    expect(parseRecord(`${STAT}ended 137\n`).ended).toEqual({ signal: 'SIGKILL' });
    expect(parseRecord(`${STAT}ended 250\n`).ended).toEqual({ code: 250 });
  });

  test('says why nothing was started', () => {
    expect(parseRecord(`${HEAD}drover-launch: cd: /x: No such file\nfailed\n`).failed).toBe(
      'drover-launch: cd: /x: No such file',
    );
  });
});
