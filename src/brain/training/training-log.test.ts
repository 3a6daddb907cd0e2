import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { build } from 'rolldown';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { silentLog, systemClock } from '../../kernel/index.ts';
import type { NewSample } from './samples.ts';
import { createTrainingLog } from './training-log.ts';
import type { TrainingLog } from './training-log.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'training-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function open(isOn = true): TrainingLog {
  return createTrainingLog({ folder: join(folder, 'training'), isOn: () => isOn, clock: systemClock, log: silentLog });
}

function sample(response: string, more: Partial<NewSample> = {}): NewSample {
  const round = { system: 'Be brief.', prompt: 'Say hi.', response, instance: 'demo-0', device: 'cpu', problem: null };
  return { kind: 'generate', about: 'b1/say#1', model: 'demo', round, ...more };
}

async function kept(log: TrainingLog, one: NewSample): Promise<string> {
  return (await log.keep(one)) ?? 'nothing was kept';
}

async function exportedBy(log: TrainingLog, format: 'positive' | 'preference' | 'raw'): Promise<unknown[]> {
  const lines: unknown[] = [];
  for await (const line of log.export(format)) lines.push(JSON.parse(line));
  return lines;
}

const samplesFile = (): string => join(folder, 'training/training_samples.jsonl');

describe('a sample', () => {
  test('is one line with what was asked, answered and came of it', async () => {
    const log = open();

    const id = await kept(log, sample('hi'));

    expect(JSON.parse(readFileSync(samplesFile(), 'utf8'))).toMatchObject({
      id,
      kind: 'generate',
      model: 'demo',
      system: 'Be brief.',
      prompt: 'Say hi.',
      context: { about: 'b1/say#1', instance: 'demo-0', device: 'cpu' },
      response: 'hi',
      outcome: { accepted: true, problem: null },
    });
    expect(await log.show(id)).toMatchObject({ id, review: null });
  });

  test('is not kept where the setting is off', async () => {
    expect(await open(false).keep(sample('hi'))).toBeNull();
    expect(existsSync(samplesFile())).toBe(false);
  });

  test('that cannot be written costs nothing but itself', async () => {
    writeFileSync(join(folder, 'training'), 'a file where the folder should be');

    expect(await open().keep(sample('hi'))).toBeNull();
  });

  test('of an unknown id is not found', async () => {
    await expect(open().show('nobody')).rejects.toMatchObject({ code: 'SAMPLE_NOT_FOUND' });
  });
});

describe('reviews', () => {
  test('rated 4 or 5 are examples, rated 1 or 2 with a correction are pairs', async () => {
    const log = open();
    const [good, fair, bad, hopeless] = [
      await kept(log, sample('good')),
      await kept(log, sample('fair')),
      await kept(log, sample('bad')),
      await kept(log, sample('hopeless')),
    ];
    await log.review(good, { rating: 4 });
    await log.review(fair, { rating: 3, correction: 'better' });
    await log.review(bad, { rating: 2, correction: 'right', feedback: 'wrong' });
    await log.review(hopeless, { rating: 1 });

    const asked = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Say hi.' },
    ];
    expect(await exportedBy(log, 'positive')).toEqual([
      { messages: [...asked, { role: 'assistant', content: 'good' }] },
    ]);
    expect(await exportedBy(log, 'preference')).toEqual([
      {
        prompt: asked,
        chosen: [{ role: 'assistant', content: 'right' }],
        rejected: [{ role: 'assistant', content: 'bad' }],
      },
    ]);
    expect(await exportedBy(log, 'raw')).toHaveLength(4);
    expect(await log.stats()).toMatchObject({ samples: 4, reviewed: 4, positive: 1, pairs: 1, damaged: 0 });
  });

  test('the last one counts, and a person goes before the brain', async () => {
    const log = open();
    const first = await kept(log, sample('one'));
    const second = await kept(log, sample('two', { about: 'b1/other#1' }));
    await log.score('b1/say#1', 5, 'fine');
    await log.score('b1/other#1', 2, 'dull');
    await log.review(first, { rating: 1 });
    await log.review(first, { rating: 2 });

    expect((await log.show(first)).review).toMatchObject({ rating: 2, by: 'person' });
    expect((await log.show(second)).review).toMatchObject({ rating: 2, by: 'brain', feedback: 'dull' });
  });

  test('the brain judges the answer that was accepted, not the one before it', async () => {
    const log = open();
    const { round } = sample('no JSON');
    const rejected = await kept(log, sample('', { round: { ...round, problem: 'no JSON' } }));
    const accepted = await kept(log, sample('{}'));
    await log.score('b1/say#1', 4, 'fine');

    expect((await log.show(rejected)).review).toBeNull();
    expect((await log.show(accepted)).review).toMatchObject({ rating: 4 });
  });

  test('what waits for one is listed, the newest so many', async () => {
    const log = open();
    const ids = [];
    for (const text of ['a', 'b', 'c']) ids.push(await kept(log, sample(text)));
    await log.review(ids[1] ?? '', { rating: 3 });

    const waiting = await log.list({ unreviewed: true, limit: 10 });
    const newest = await log.list({ unreviewed: false, limit: 2 });

    expect(waiting.map(({ response }) => response)).toEqual(['a', 'c']);
    expect(newest.map(({ response }) => response)).toEqual(['b', 'c']);
    expect(await log.list({ kind: 'decide', unreviewed: false, limit: 9 })).toEqual([]);
  });
});

describe('several at once', () => {
  test('what a killed writer has left of a line is passed over, and hurts no other line', async () => {
    const log = open();
    await kept(log, sample('before'));
    appendFileSync(samplesFile(), '{"id":"half","prompt":"cut o');

    await kept(log, sample('after'));

    expect(await log.stats()).toMatchObject({ samples: 2, damaged: 1 });
    expect((await log.list({ unreviewed: false, limit: 9 })).map(({ response }) => response)).toEqual([
      'before',
      'after',
    ]);
  });

  test('a line that somebody is just writing is not there yet', async () => {
    const log = open();
    await kept(log, sample('before'));
    appendFileSync(samplesFile(), '{"id":"half","prompt":"on its w');

    expect(await log.stats()).toMatchObject({ samples: 1, damaged: 0 });
  });

  test('processes that write while others review and export lose and mix nothing', async () => {
    const log = open();
    const known = await kept(log, sample('x'.repeat(200_000)));
    const program = await writerProgram();
    const writers = ['a', 'b', 'c'].map((name) => spawn(process.execPath, [program, name, '60'], { stdio: 'inherit' }));

    const exits = Promise.all(writers.map((writer) => once(writer, 'exit')));
    let done = false;
    void exits.then(() => (done = true));
    let reads = 0;
    while (!done) {
      const { samples, damaged } = await log.stats();
      expect(damaged).toBe(0);
      reads += samples > 0 ? 1 : 0;
      await log.review(known, { rating: 1 + (reads % 5) });
      await log.keep(sample('from here', { kind: 'decide' }));
    }

    const stats = await log.stats();
    expect((await exits).map(([code]) => code as number)).toEqual([0, 0, 0]);
    expect(stats).toMatchObject({ damaged: 0, by_kind: { parse: { samples: 180 }, decide: { samples: reads } } });
    expect(await exportedBy(log, 'raw')).toHaveLength(181 + reads);
  });
});

/** Another controller of the same home, as a program: writes so many samples under a name. */
async function writerProgram(): Promise<string> {
  const source = join(folder, 'writer.mjs');
  const file = join(folder, 'bundle.mjs');
  writeFileSync(
    source,
    `import { appendLine } from ${JSON.stringify(join(import.meta.dirname, 'append-line.ts'))};
    const [, , name, count] = process.argv;
    for (let at = 0; at < Number(count); at++) {
      await appendLine(${JSON.stringify(samplesFile())}, {
        id: name + at, time: '2026-01-01T00:00:00.000Z', kind: 'parse', model: 'demo', system: null,
        prompt: 'p', context: { about: 'b/t#1', instance: 'i', device: 'cpu' },
        response: name.repeat(1 + ((at * 7919) % 100_000)), outcome: { accepted: true, problem: null },
      });
    }`,
  );
  await build({ input: source, platform: 'node', output: { file, format: 'esm' }, logLevel: 'silent' });
  return file;
}
