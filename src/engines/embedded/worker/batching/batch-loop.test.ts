import fc from 'fast-check';
import { expect, test } from 'vitest';

import { generation, recorder, scriptedDecoder } from '../../../../../test/support/scripted-decoder.ts';
import type { Script, ScriptedDecoder } from '../../../../../test/support/scripted-decoder.ts';
import { BatchLoop } from './batch-loop.ts';
import { createWorkerCounters } from './metrics.ts';

function loopOver(script: Script): { readonly loop: BatchLoop; readonly decoder: ScriptedDecoder } {
  const decoder = scriptedDecoder(script);
  let now = 0;
  const loop = new BatchLoop({ decoder, clock: { monotonic: () => ++now }, counters: createWorkerCounters() });
  return { loop, decoder };
}

test('an answer is told in pieces and ends where the model ends it', async () => {
  const { loop, decoder } = loopOver({ answers: ['hello'] });
  const sink = recorder();

  loop.submit(generation('hi'), sink);

  expect(await sink.over).toBe('eos');
  expect(sink.texts).toEqual(['h', 'e', 'l', 'l', 'o']);
  expect(decoder.liveSamplers()).toBe(0);
});

test('four generations share the steps of one model', async () => {
  const { loop, decoder } = loopOver({ slots: 4, answers: ['aaaa', 'bbbb', 'cccc', 'dddd'] });
  const sinks = [recorder(), recorder(), recorder(), recorder()];

  for (const sink of sinks) loop.submit(generation('x'), sink);
  await Promise.all(sinks.map((sink) => sink.over));

  expect(sinks.map((sink) => sink.texts.join(''))).toEqual(['aaaa', 'bbbb', 'cccc', 'dddd']);
  expect(decoder.batches.filter((batch) => batch.length === 4).length).toBeGreaterThanOrEqual(4);
});

test('what finds no slot waits its turn', async () => {
  const { loop } = loopOver({ slots: 1, answers: ['one', 'two'] });
  const [first, second] = [recorder(), recorder()];

  loop.submit(generation('x'), first);
  loop.submit(generation('y'), second);
  const waitingAtOnce = loop.waiting;
  await second.over;

  expect(waitingAtOnce).toBe(1);
  expect([first.texts.join(''), second.texts.join('')]).toEqual(['one', 'two']);
});

test('a cancelled generation frees its slot within one step and says nothing more', async () => {
  let open: () => void = () => {};
  let gate = new Promise<void>((resolve) => (open = resolve));
  const { loop, decoder } = loopOver({ answers: ['aaaaaaaaaa', 'b'], gate: () => gate });
  const [gone, next] = [recorder(), recorder()];

  const ticket = loop.submit(generation('x'), gone);
  loop.submit(generation('y'), next);
  ticket.cancel();
  gate = Promise.resolve();
  open();
  await next.over;

  expect(gone.texts).toEqual([]);
  expect(next.texts).toEqual(['b']);
  expect(decoder.liveSamplers()).toBe(0);
});

test('a cancelled long prompt is not read to its end', async () => {
  const { loop, decoder } = loopOver({ answers: ['a'], contextSize: 2000, batchSize: 32 });
  const [gone, next] = [recorder(), recorder()];

  const ticket = loop.submit(generation('x'.repeat(1000)), gone);
  ticket.cancel();
  loop.submit(generation('y'), next);
  await next.over;

  expect(decoder.batches.length).toBeLessThan(5);
});

test('a long prompt does not stop the tokens of others', async () => {
  const { loop, decoder } = loopOver({ slots: 2, answers: ['aaaaaaaa', 'b'], contextSize: 2000, batchSize: 32 });
  const [short, long] = [recorder(), recorder()];

  loop.submit(generation('x'), short);
  loop.submit(generation('y'.repeat(300)), long);
  await Promise.all([short.over, long.over]);

  const mixed = decoder.batches.filter((batch) => batch.length === 2);
  expect(mixed[1]).toEqual([
    { slot: 0, tokens: 1 },
    { slot: 1, tokens: 31 },
  ]);
});

test('a second prompt with the same beginning is read from where it differs', async () => {
  const { loop, decoder } = loopOver({ answers: ['a', 'b'] });
  const [first, second] = [recorder(), recorder()];

  loop.submit(generation('the same beginning 1'), first);
  await first.over;
  loop.submit(generation('the same beginning 2'), second);
  await second.over;

  expect(decoder.batches.at(-2)).toEqual([{ slot: 0, tokens: 1 }]);
  expect(decoder.forgotten).toEqual([{ slot: 0, position: 19 }]);
});

test('without reuse the whole prompt is read again', async () => {
  const { loop, decoder } = loopOver({ answers: ['', ''] });
  const [first, second] = [recorder(), recorder()];

  loop.submit(generation('prompt', { reusePrompt: false }), first);
  await first.over;
  loop.submit(generation('prompt', { reusePrompt: false }), second);
  await second.over;

  expect(decoder.batches).toEqual([[{ slot: 0, tokens: 6 }], [{ slot: 0, tokens: 6 }]]);
});

test('a short prompt beside a long one is read first, and both advance', async () => {
  const { loop, decoder } = loopOver({ slots: 2, answers: ['a', 'b'], contextSize: 2000, batchSize: 32 });
  const [long, short] = [recorder(), recorder()];

  loop.submit(generation('y'.repeat(300)), long);
  loop.submit(generation('x'.repeat(20)), short);
  await short.over;
  const batchesUntilShort = decoder.batches.length;
  await long.over;

  expect(batchesUntilShort).toBeLessThan(6);
  expect(decoder.batches[1]).toEqual([
    { slot: 0, tokens: 16 },
    { slot: 1, tokens: 16 },
  ]);
});

test('a held generation keeps its slot and says nothing until it may go on', async () => {
  const { loop, decoder } = loopOver({ slots: 2, answers: ['aaaaaaaa', 'bbbb'] });
  const [slow, other] = [recorder(), recorder()];

  const ticket = loop.submit(generation('x'), slow);
  ticket.hold();
  loop.submit(generation('y'), other);
  await other.over;
  const saidWhileHeld = slow.texts.length;
  ticket.goOn();

  expect(await slow.over).toBe('eos');
  expect(saidWhileHeld).toBeLessThan(3);
  expect(slow.texts.join('')).toBe('aaaaaaaa');
  expect(decoder.liveSamplers()).toBe(0);
});

test('a held generation that is cancelled frees its slot though nothing else runs', async () => {
  const { loop, decoder } = loopOver({ slots: 1, answers: ['aaaaaaaa', 'b'] });
  const [gone, next] = [recorder(), recorder()];

  const ticket = loop.submit(generation('x'), gone);
  ticket.hold();
  loop.submit(generation('y'), next);
  ticket.cancel();

  expect(await next.over).toBe('eos');
  expect(decoder.liveSamplers()).toBe(0);
});

test('an idle slot remembers its last task', async () => {
  const { loop } = loopOver({ answers: ['a', 'b'] });
  const [first, second] = [recorder(), recorder()];

  loop.submit(generation('x'), first);
  await first.over;
  const afterFirst = loop.slots[0]?.lastJob;
  loop.submit(generation('y'), second);
  await second.over;

  expect(loop.slots[0]?.lastJob).toBeGreaterThan(afterFirst ?? Infinity);
});

test('a full context ends an answer as a limit', async () => {
  const { loop } = loopOver({ answers: ['abcdefghijklmnop'], contextSize: 8 });
  const sink = recorder();

  loop.submit(generation('1234'), sink);

  expect(await sink.over).toBe('limit');
  expect(sink.texts.join('')).toBe('abcd');
});

test('a limit of no tokens reads the prompt and says nothing', async () => {
  const { loop } = loopOver({ answers: ['abc'] });
  const sink = recorder();

  loop.submit(generation('1234', { maxTokens: 0 }), sink);

  expect(await sink.over).toBe('limit');
  expect(sink.texts).toEqual([]);
});

test('a failed step fails those who were in it, and the next ones are served', async () => {
  let fail = true;
  const { loop } = loopOver({
    answers: ['a', 'b'],
    gate: async () => {
      if (fail) throw new Error('no memory for it');
    },
  });
  const [first, second] = [recorder(), recorder()];

  loop.submit(generation('x'), first);
  const how = await first.over;
  fail = false;
  loop.submit(generation('y'), second);

  expect(how).toBe('failed: no memory for it');
  expect(await second.over).toBe('eos');
});

test('closing fails what waits and what runs, and takes nothing new', async () => {
  const { loop } = loopOver({ answers: ['aaaaaa'] });
  const [running, waiting, late] = [recorder(), recorder(), recorder()];
  loop.submit(generation('x'), running);
  loop.submit(generation('y'), waiting);

  await loop.close();
  loop.submit(generation('z'), late);

  const message = 'failed: the engine is stopping';
  expect(await Promise.all([running.over, waiting.over, late.over])).toEqual([message, message, message]);
});

test('every generation that is not cancelled ends exactly once, and no sampler stays behind', async () => {
  const requests = fc.array(
    fc.record({ answer: fc.string({ maxLength: 8 }), prompt: fc.integer({ min: 1, max: 60 }), cancel: fc.boolean() }),
    { minLength: 1, maxLength: 12 },
  );
  await fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 1, max: 4 }), async (asked, slots) => {
      const { loop, decoder } = loopOver({ slots, answers: asked.map((each) => each.answer), batchSize: 16 });
      const endings = asked.map(() => 0);
      const kept = asked.map(({ prompt, cancel }, at) => {
        const sink = recorder();
        const count = (): void => void (endings[at] = (endings[at] ?? 0) + 1);
        const ticket = loop.submit(generation('p'.repeat(prompt)), {
          ...sink,
          end: (ending) => (count(), sink.end(ending)),
          fail: (error) => (count(), sink.fail(error)),
        });
        if (cancel) ticket.cancel();
        return cancel ? Promise.resolve('') : sink.over;
      });

      await Promise.all(kept);
      await loop.close();

      expect(endings).toEqual(asked.map(({ cancel }) => (cancel ? 0 : 1)));
      expect(decoder.liveSamplers()).toBe(0);
    }),
    { numRuns: 60 },
  );
});
