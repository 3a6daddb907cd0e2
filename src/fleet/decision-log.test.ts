import { mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { subject } from '../contract/index.ts';
import { silentLog } from '../kernel/index.ts';
import { insertMany, latestSeq } from '../store/index.ts';
import { keepDecisionLog } from './decision-log.ts';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-decisions-'));
  path = join(folder, 'brain_decisions.log');
  writeFileSync(path, '{"seq":0,"at":"before"}\n');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

const wholeLines = (): string[] => readFileSync(path, 'utf8').split('\n').slice(0, -1);
const seqs = (): number[] => wholeLines().map((line) => (JSON.parse(line) as { seq: number }).seq);

describeStore('the log of decisions', (open) => {
  async function house() {
    const store = await open();
    const { clock } = open;
    const fact = { at: clock.now(), type: 'batch.paused', subject: subject.batch('b'), data: '{}' } as const;
    return {
      decide: (): Promise<unknown> => store.write((tx) => insertMany(tx, 'fact', [fact])),
      /** One life of a controller, until the log has so many lines. */
      async mirror(lines: number): Promise<void> {
        const stop = new AbortController();
        const life = keepDecisionLog({ store, clock, log: silentLog, path, signal: stop.signal });
        while (wholeLines().length < lines) {
          await clock.advance(1_000);
          await store.read(latestSeq);
        }
        stop.abort(new Error('over'));
        await life;
      },
    };
  }

  test('goes on behind its last line after a death', async () => {
    const { decide, mirror } = await house();
    await decide();
    await mirror(2);
    await decide();

    await mirror(3);

    expect(seqs()).toEqual([0, 1, 2]);
  });

  test('completes the line that a death has cut off', async () => {
    const { decide, mirror } = await house();
    await decide();
    await mirror(2);
    writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20));
    await decide();

    await mirror(3);

    expect(seqs()).toEqual([0, 1, 2]);
  });

  test('completes also the only line that it has', async () => {
    const { decide, mirror } = await house();
    await decide();
    await mirror(2);
    writeFileSync(path, wholeLines()[1]?.slice(0, 20) ?? '');

    await mirror(1);

    expect(seqs()).toEqual([1]);
  });

  test.each(['.1', '.tmp'])(
    'goes on behind the last line of %s when a rotation has just moved all to it',
    async (end) => {
      const { decide, mirror } = await house();
      renameSync(path, `${path}${end}`);
      writeFileSync(path, '');
      await decide();

      await mirror(1);

      expect(seqs()).toEqual([1]);
    },
  );
});
