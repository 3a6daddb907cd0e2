import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse, until } from '../../test/support/brain-house.ts';
import { describeStore } from '../../test/support/describe-store.ts';
import type { StoreOpener } from '../../test/support/describe-store.ts';
import { HOLD, SUCCEED } from '../../test/support/fake-agents.ts';
import { writePlan } from '../../test/support/plans.ts';

async function houseOver(open: StoreOpener): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock });
}

function generatePlan(
  house: BrainHouse,
  more: readonly string[] = [],
  files: Readonly<Record<string, string>> = {},
): string {
  const lines = [
    '### say',
    '- **type**: generate',
    '- **task_class**: llm',
    '- **model**: demo',
    '- **depends_on**: none',
    '- **timeout**: 1m',
  ];
  const body = ['```prompt', 'Say hello to {WHO}.', '```'];
  const head = '# Plan: talk\n\n## Objective\nTalk.\n\n## Inputs\n- **WHO** (string, default you): who\n\n## Tasks\n\n';
  return writePlan(house.home, `${head}${[...lines, ...more, ...body].join('\n')}\n`, files);
}

describeStore('model tasks', (open) => {
  test('an answer is written to the file that the task produces, and kept with its prompt', async () => {
    await using house = await houseOver(open);
    const folder = generatePlan(
      house,
      ['- **produces**: results/hello.txt', '- **input**: {PLAN_PATH}/lib/notes.txt', '- **max_tokens**: 7'],
      { 'lib/notes.txt': 'be kind' },
    );

    const batch = await house.submit(folder, { config: { WHO: 'Ada' } });

    expect(await house.ended(batch)).toBe('succeeded');
    const path = join(folder, 'history', batch);
    expect(readFileSync(join(path, 'results/hello.txt'), 'utf8')).toBe('hello');
    expect(readFileSync(join(path, 'logs/say/1/stdout'), 'utf8')).toBe('hello');
    const prompt = readFileSync(join(path, 'logs/say/1/prompt.txt'), 'utf8');
    expect(prompt).toContain('Say hello to Ada.');
    expect(prompt).toContain('be kind');
    expect(house.inference.asked[0]?.params).toEqual({ max_tokens: 7 });
    const task = await house.brain.showTask(batch, 'say');
    expect(task.attempt_list).toMatchObject([{ status: 'succeeded', tokens_in: 3, tokens_out: 1, device: 'cpu' }]);
  });

  test('a task waits, and says why, while no instance of its model is ready', async () => {
    await using house = await houseOver(open);
    house.inference.slots = 0;
    const batch = await house.submit(generatePlan(house));

    const waiting = await house.brain.showTask(batch, 'say');
    house.inference.slots = 1;
    house.brain.onInferenceChanged();

    expect(waiting).toMatchObject({ status: 'ready', reason: 'waits for model demo: no instance of it is ready' });
    expect(await house.ended(batch)).toBe('succeeded');
  });

  test('calls under way fill the slots and a little more, never all at once', async () => {
    await using house = await houseOver(open);
    house.inference.slots = 3;
    const calm = house.inference.answer;
    house.inference.answer = async (request) => {
      await until(() => house.inference.asked.length >= 3);
      return calm(request);
    };
    const folders = Array.from({ length: 12 }, () => generatePlan(house));

    const batches = await Promise.all(folders.map((folder) => house.submit(folder)));
    await Promise.all(batches.map((batch) => house.ended(batch)));

    expect(house.inference.asked).toHaveLength(12);
    expect(house.inference.peak).toBeGreaterThanOrEqual(3);
    expect(house.inference.peak).toBeLessThanOrEqual(5);
  });

  test('a failed call is a failed attempt, and an overloaded model is asked again as late as it wished', async () => {
    await using house = await houseOver(open);
    house.inference.answer = () =>
      house.inference.asked.length === 1
        ? { kind: 'failed', class: 'backoff', message: 'queue is full', retryAfterMs: 60_000 }
        : { kind: 'done', text: 'hi', tokensIn: 1, tokensOut: 1, instance: 'demo-0', device: 'cpu' };
    const batch = await house.submit(generatePlan(house));
    const retry = await house.fact('task.retry_scheduled');

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(retry.data).toMatchObject({ class: 'backoff', delay_ms: 60_000, free: false });
    expect((await house.brain.showTask(batch, 'say')).attempts).toBe(2);
  });

  test('a kill aborts the calls of its batch', async () => {
    await using house = await houseOver(open);
    house.inference.answer = ({ signal }) =>
      new Promise((resolve) => {
        const failed = { kind: 'failed', class: 'cancelled', message: 'aborted' } as const;
        signal.addEventListener('abort', () => resolve(failed));
      });
    const batch = await house.submit(generatePlan(house));
    await until(() => house.inference.asked.length === 1);

    const view = await house.brain.kill(batch);

    expect(view).toMatchObject({ status: 'cancelled', tasks: { cancelled: 1 } });
  });

  test('a call that the controller died in is made again, free of charge', async () => {
    await using house = await houseOver(open);
    const calm = house.inference.answer;
    house.inference.answer = ({ signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
    const batch = await house.submit(generatePlan(house));
    await until(() => house.inference.asked.length === 1);

    house.inference.answer = calm;
    await house.restart();

    expect(await house.ended(batch)).toBe('succeeded');
    const task = await house.brain.showTask(batch, 'say');
    expect(task.attempt_list.map((attempt) => attempt.status)).toEqual(['failed', 'succeeded']);
  });

  test('a command that outlives the controller keeps its slot, and is not blamed for the time without a front door', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const more = ['- **model**: demo', '- **retries**: 0'];
    const batch = await house.submit(house.plan([{ id: 'ask', command: 'curl', class: 'llm', more }]));
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();

    await house.restart();
    await house.agent.connect(house.brain);
    const { restored } = house.inference;
    house.agent.script = SUCCEED;
    if (grant) house.agent.finish(grant, { exitCode: 7, tail: 'curl: (7) Connection refused' });

    expect(restored).toEqual([{ instance: 'demo-0', tokenHash: 'hash-of-attempt-token' }]);
    expect(await house.ended(batch)).toBe('succeeded');
    expect((await house.fact('task.retry_scheduled')).data).toMatchObject({ class: 'infrastructure', free: true });
  });

  test('an llm command gets a slot of its own first, and gives it back at its end', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const folder = house.plan([{ id: 'ask', command: 'curl', class: 'llm', more: ['- **model**: demo'] }]);

    const batch = await house.submit(folder);
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();
    const heldWhileRunning = house.inference.slotsHeld;
    if (grant) house.agent.finish(grant);

    expect(await house.ended(batch)).toBe('succeeded');
    expect(heldWhileRunning).toBe(1);
    expect(house.inference.slotsHeld).toBe(0);
    expect(grant?.env).toMatchObject({
      DROVER_LLM_URL: 'http://127.0.0.1:9/v1',
      OPENAI_BASE_URL: 'http://127.0.0.1:9/v1',
      OPENAI_API_KEY: 'attempt-token',
      DROVER_MODEL: 'demo',
      DROVER_INSTANCE: 'demo-0',
    });
    expect(existsSync(join(folder, 'history', batch, 'results'))).toBe(true);
  });
});
