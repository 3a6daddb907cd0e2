import { expect, test } from 'vitest';

import { TestClock } from '../../../kernel/index.ts';
import type { CliContext } from '../../context.ts';
import { followBatch } from './follow-batch.ts';

const BATCH = '20260101_000000_aaaaaa';
const fact = (type: string, data: unknown = {}) => ({ type, data, subject: `batch:${BATCH}` });

/** A controller that tells these facts, and answers the looks at the batch in this order. */
function following(facts: readonly object[], looks: readonly object[]): Promise<unknown> {
  const left = [...looks];
  const client = {
    async *events() {
      yield* facts;
    },
    batch: () => Promise.resolve(left.shift()),
  };
  const err = { isTerminal: false, line: () => {}, paint: (_: string, text: string) => text };
  // Only what following uses of the context.
  const context = { client, err, signal: new AbortController().signal, clock: new TestClock() };
  return followBatch(context as unknown as CliContext, BATCH);
}

test('a batch is followed until its summary is in its folder', async () => {
  const unwritten = { status: 'succeeded', summarised: false };
  const written = { status: 'succeeded', summarised: true };

  const end = await following([fact('batch.ended'), fact('batch.summarised', { written: true })], [unwritten, written]);

  expect(end).toBe(written);
});

test('a summary that cannot be written holds nobody up', async () => {
  const unwritten = { status: 'failed', summarised: false };

  const end = await following(
    [fact('batch.ended'), fact('batch.summarised', { written: false }), fact('batch.ended')],
    [unwritten, unwritten],
  );

  expect(end).toBe(unwritten);
});

test('an end that was lifted since is not the end', async () => {
  const running = { status: 'running', summarised: false };
  const ended = { status: 'succeeded', summarised: true };

  const end = await following([fact('batch.ended'), fact('batch.resumed'), fact('batch.ended')], [running, ended]);

  expect(end).toBe(ended);
});
