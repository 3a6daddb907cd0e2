import { expect, test } from 'vitest';

import { TestClock } from '../../../kernel/index.ts';
import type { CliContext } from '../../context.ts';
import { followBatch } from './follow-batch.ts';

const BATCH = '20260101_000000_aaaaaa';
const FIRST = '2026-01-01T00:00:01.000Z';
const SECOND = '2026-01-01T00:00:02.000Z';
const fact = (type: string, data: unknown = {}, at = FIRST) => ({ type, data, at, subject: `batch:${BATCH}` });

/** A controller that tells these facts, and answers the looks at the batch in this order. */
function following(
  facts: readonly object[],
  looks: readonly object[],
  line: (text: string) => void = () => {},
): Promise<unknown> {
  const left = [...looks];
  const client = {
    async *events() {
      yield* facts;
    },
    batch: () => Promise.resolve(left.shift()),
  };
  const err = { isTerminal: false, line, paint: (_: string, text: string) => text };
  // Only what following uses of the context.
  const context = { client, err, signal: new AbortController().signal, clock: new TestClock() };
  return followBatch(context as unknown as CliContext, BATCH);
}

test('a batch is followed until its summary is in its folder', async () => {
  const unwritten = { status: 'succeeded', summarised: false, ended_at: FIRST };
  const written = { status: 'succeeded', summarised: true, ended_at: FIRST };

  const end = await following([fact('batch.ended'), fact('batch.summarised', { written: true })], [unwritten, written]);

  expect(end).toBe(written);
});

test('a summary that cannot be written holds nobody up', async () => {
  const unwritten = { status: 'failed', summarised: false, ended_at: FIRST };

  const end = await following(
    [fact('batch.ended'), fact('batch.summarised', { written: false }), fact('batch.ended')],
    [unwritten, unwritten],
  );

  expect(end).toBe(unwritten);
});

test('an end that was lifted since is not the end', async () => {
  const running = { status: 'running', summarised: false, ended_at: null };
  const ended = { status: 'succeeded', summarised: true, ended_at: FIRST };

  const end = await following([fact('batch.ended'), fact('batch.resumed'), fact('batch.ended')], [running, ended]);

  expect(end).toBe(ended);
});

test('of a batch that ended, was tried again and ended again, both rounds are told', async () => {
  const ended = { status: 'succeeded', summarised: true, ended_at: SECOND };
  const told: string[] = [];
  const facts = [
    fact('batch.ended'),
    fact('batch.summarised', { written: true }),
    fact('batch.resumed'),
    fact('task.succeeded', { duration_ms: 1_000 }),
    fact('batch.ended', {}, SECOND),
  ];

  await following(facts, [ended, ended, ended], (text) => told.push(text));

  expect(told).toEqual([expect.stringContaining('goes on'), expect.stringContaining('succeeded after')]);
});
