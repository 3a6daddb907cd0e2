import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { BrainHouse } from '../../test/support/brain-house.ts';
import { describeStore } from '../../test/support/describe-store.ts';
import { HOLD, SUCCEED } from '../../test/support/fake-agents.ts';
import type { StoreOpener } from '../../test/support/describe-store.ts';

async function houseOver(open: StoreOpener, cores = 2): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock, cores });
}

/** A task that writes `list.json` with as many items; the fake agent does the writing. */
function lists(house: BrainHouse, items: readonly unknown[]): void {
  house.agent.script = (grant) => {
    if (grant.attempt.task === 'scan') writeFileSync(join(grant.cwd, 'list.json'), JSON.stringify({ items }));
    return {};
  };
}

describeStore('the brain', (open) => {
  test('a chain of tasks runs in order and the batch succeeds', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([
      { id: 'a', command: 'true' },
      { id: 'b', command: 'true', dependsOn: 'a' },
      { id: 'c', command: 'true', dependsOn: 'b' },
    ]);

    const batch = await house.submit(folder);
    const status = await house.ended(batch);

    expect(status).toBe('succeeded');
    expect(house.agent.ran.map((grant) => grant.attempt.task)).toEqual(['a', 'b', 'c']);
    expect((await house.brain.showBatch(batch)).counts).toMatchObject({ total: 3, succeeded: 3 });
  });

  test('a failed task aborts what needs it, runs what waits for its failure, and fails the batch', async () => {
    await using house = await houseOver(open);
    house.agent.script = (grant) => (grant.attempt.task === 'bad' ? { exitCode: 127, tail: 'no-such: not found' } : {});
    const folder = house.plan([
      { id: 'bad', command: 'no-such' },
      { id: 'child', command: 'true', dependsOn: 'bad' },
      { id: 'grandchild', command: 'true', dependsOn: 'child' },
      { id: 'cleanup', command: 'true', dependsOn: 'done(bad)' },
      { id: 'alarm', command: 'true', dependsOn: 'failed(bad)' },
      { id: 'quiet', command: 'true', dependsOn: 'failed(cleanup)' },
    ]);

    const batch = await house.submit(folder);
    const status = await house.ended(batch);

    expect(status).toBe('failed');
    const tasks = (await house.brain.showBatch(batch)).tasks;
    expect(Object.fromEntries(tasks.map(({ id, status: state }) => [id, state]))).toEqual({
      bad: 'failed',
      child: 'aborted',
      grandchild: 'aborted',
      cleanup: 'succeeded',
      alarm: 'succeeded',
      quiet: 'skipped',
    });
    expect(tasks.find(({ id }) => id === 'bad')).toMatchObject({ attempts: 1, exit_code: 127 });
  });

  test('a task that keeps failing is tried three times, later each time', async () => {
    await using house = await houseOver(open);
    house.agent.script = () => ({ exitCode: 1, tail: 'boom' });
    const batch = await house.submit(house.plan([{ id: 'a', command: 'false' }]));

    const status = await house.endedInTime(batch, open.clock);

    expect(status).toBe('failed');
    const task = await house.brain.showTask(batch, 'a');
    expect(task).toMatchObject({ status: 'failed', attempts: 3, reason: 'exit code 1: boom' });
    expect(task.attempt_list.map((attempt) => attempt.status)).toEqual(['failed', 'failed', 'failed']);
    const delays = house.facts.flatMap((fact) =>
      fact.type === 'task.retry_scheduled' ? [(fact.data as { delay_ms: number }).delay_ms] : [],
    );
    expect(delays).toEqual([750, 1500]);
  });

  test('a thousand items run once each, and what depends on their template waits for all', async () => {
    await using house = await houseOver(open);
    lists(
      house,
      Array.from({ length: 1_000 }, (_, index) => ({ id: `n${index}` })),
    );
    const folder = house.plan([
      { id: 'scan', command: 'true' },
      { id: 'each', command: 'echo {ITEM.id}', dependsOn: 'scan', foreach: 'list.json:items' },
      { id: 'combine', command: 'true', dependsOn: 'each' },
    ]);

    const batch = await house.submit(folder);
    const status = await house.ended(batch);

    expect(status).toBe('succeeded');
    const ran = house.agent.ran.map((grant) => grant.attempt.task);
    expect(ran.at(-1)).toBe('combine');
    expect(new Set(ran).size).toBe(1_002);
    expect(ran).toHaveLength(1_002);
    expect((await house.brain.showTask(batch, 'each_n7')).item).toEqual({ id: 'n7' });
  }, 30_000);

  test('two templates whose items would share a name end in a failure that names it', async () => {
    await using house = await houseOver(open);
    const folder = house.plan(
      [
        { id: 'a', command: 'true', foreach: '{PLAN_PATH}/scripts/first.json:items' },
        { id: 'a_b', command: 'true', foreach: '{PLAN_PATH}/scripts/second.json:items', dependsOn: 'a' },
      ],
      {
        'scripts/first.json': JSON.stringify({ items: ['x', { id: 'b_c' }] }),
        'scripts/second.json': JSON.stringify({ items: [{ id: 'c' }] }),
      },
    );

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('failed');
    const failed = await house.fact('task.failed');
    expect(failed.data).toMatchObject({
      class: 'definition',
      reason: 'an item would be called "a_b_c", as an item of another template is',
    });
  });

  test('items that pair with items of another template do not wait for all of them', async () => {
    await using house = await houseOver(open);
    const items = [{ id: 'x' }, { id: 'y' }];
    house.agent.script = (grant) => {
      if (grant.attempt.task === 'scan') writeFileSync(join(grant.cwd, 'list.json'), JSON.stringify({ items }));
      return grant.attempt.task === 'first_y' ? 'hold' : {};
    };
    const folder = house.plan([
      { id: 'scan', command: 'true' },
      { id: 'first', command: 'true', dependsOn: 'scan', foreach: 'list.json:items' },
      { id: 'second', command: 'true', dependsOn: 'first_{ITEM.id}', foreach: 'list.json:items' },
    ]);

    const batch = await house.submit(folder);
    await house.fact('task.succeeded', (fact) => fact.subject === `task:${batch}/second_x`);
    const [held] = house.agent.live();
    if (held) house.agent.finish(held);

    expect(await house.ended(batch)).toBe('succeeded');
    expect(house.agent.ran.at(-1)?.attempt.task).toBe('second_y');
  });

  test('an empty list is a success with a note', async () => {
    await using house = await houseOver(open);
    lists(house, []);
    const folder = house.plan([
      { id: 'scan', command: 'true' },
      { id: 'each', command: 'true', dependsOn: 'scan', foreach: 'list.json:items' },
      { id: 'after', command: 'true', dependsOn: 'each' },
    ]);

    const batch = await house.submit(folder);

    expect(await house.ended(batch)).toBe('succeeded');
    expect((await house.brain.showTask(batch, 'each')).reason).toBe('its list is empty');
  });

  test('a list that is not there fails its template after its retries, with the cause', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([{ id: 'each', command: 'true', foreach: 'nothing.json:items' }]);

    const batch = await house.submit(folder);

    expect(await house.endedInTime(batch, open.clock)).toBe('failed');
    expect(await house.brain.showTask(batch, 'each')).toMatchObject({
      status: 'failed',
      attempts: 3,
      reason: 'the list nothing.json does not exist',
    });
  });

  test('a grant carries the environment that the plan format promises', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([{ id: 'a', command: 'true', more: ['- **env**: COLOUR=blue'] }]);

    const env = { PATH: '/opt/bin', HOME: '/home/ada', SECRET: 'no' };
    const batch = await house.submit(folder, { env });
    await house.ended(batch);

    const [grant] = house.agent.ran;
    expect(grant?.env).toMatchObject({
      PATH: '/opt/bin',
      HOME: '/home/ada',
      COLOUR: 'blue',
      DROVER_TASK: 'a',
      DROVER_ATTEMPT: '1',
      DROVER_BATCH_ID: batch,
      DROVER_BATCH_PATH: grant?.cwd,
      DROVER_PLAN_PATH: folder,
    });
    expect(grant?.env).not.toHaveProperty('SECRET');
    expect(grant?.dir).toBe(join(folder, 'history', batch, 'logs', 'a', '1'));
  });

  test('a task whose required file is missing fails as a definition error without running', async () => {
    await using house = await houseOver(open);
    const batch = await house.submit(house.plan([{ id: 'a', command: 'true', more: ['- **requires**: in.txt'] }]));

    expect(await house.ended(batch)).toBe('failed');
    expect(house.agent.ran).toEqual([]);
    expect((await house.brain.showTask(batch, 'a')).attempt_list).toMatchObject([{ class: 'definition' }]);
  });

  test('a script that ran out of memory is charged half as much again', async () => {
    await using house = await houseOver(open);
    house.agent.script = (grant) => (grant.attempt.no === 1 ? { exitCode: 1, tail: 'CUDA error: out of memory' } : {});
    const memory = { id: 'a', command: 'train', class: 'script', more: ['- **vram_estimate_mb**: 1000'] };

    const batch = await house.submit(house.plan([memory]));

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    const charged = house.agent.ran.map((grant) => grant.memoryBytes / (1024 * 1024));
    expect(charged).toEqual([1_000, 1_500]);
  });

  test('a kill stops what runs, cancels what waits, and leaves other batches alone', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const folder = house.plan([
      { id: 'a', command: 'sleep 9' },
      { id: 'b', command: 'true', dependsOn: 'a' },
    ]);
    const doomed = await house.submit(folder);
    const other = await house.submit(folder);

    const view = await house.brain.kill(doomed);

    expect(view).toMatchObject({ status: 'cancelled', tasks: { cancelled: 2 } });
    expect(house.agent.signalled).toEqual([{ batchId: doomed, task: 'a', no: 1 }]);
    house.agent.script = SUCCEED;
    const [held] = house.agent.live();
    if (held) house.agent.finish(held);
    expect(await house.ended(other)).toBe('succeeded');
    await house.restart();
    expect((await house.brain.showBatch(doomed)).status).toBe('cancelled');
  });

  test('an idempotency key begins one batch, and refuses another content', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([{ id: 'a', command: 'true' }]);
    const first = await house.submit(folder, { idempotency_key: 'k' });

    const again = await house.brain.submit(house.request(folder, { idempotency_key: 'k' }));

    expect(again).toMatchObject({ kind: 'accepted', created: false, view: { batch_id: first } });
    const changed = house.request(folder, { idempotency_key: 'k', config: { PRIORITY: 'high' } });
    await expect(house.brain.submit(changed)).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONFLICT' });
  });

  test('many submissions at once make as many batches', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([{ id: 'a', command: 'true' }]);

    const ids = await Promise.all(Array.from({ length: 50 }, () => house.submit(folder)));
    const statuses = await Promise.all(ids.map((id) => house.ended(id)));

    expect(new Set(ids).size).toBe(50);
    expect(new Set(statuses)).toEqual(new Set(['succeeded']));
  });

  test('an invalid plan is told with its diagnostics and leaves nothing behind', async () => {
    await using house = await houseOver(open);
    const folder = house.plan([{ id: 'a', command: 'true', dependsOn: 'ghost' }]);

    const result = await house.brain.submit(house.request(folder));

    expect(result).toMatchObject({ kind: 'invalid', diagnostics: [{ severity: 'error' }] });
    expect(existsSync(join(folder, 'history'))).toBe(false);
    expect(await house.brain.listBatches()).toEqual([]);
  });

  test('the summary and the events of a batch are written at its end', async () => {
    await using house = await houseOver(open);
    const batch = await house.submit(house.plan([{ id: 'a', command: 'true' }]));
    await house.ended(batch);

    await house.settleErrands();

    const { path } = await house.brain.showBatch(batch);
    expect(JSON.parse(readFileSync(join(path, 'RUN_SUMMARY.json'), 'utf8'))).toMatchObject({
      batch_id: batch,
      status: 'succeeded',
      tasks: { total: 1, succeeded: 1 },
      success_rate: 1,
    });
    expect(readFileSync(join(path, 'RUN_SUMMARY.md'), 'utf8')).toContain('**status**: succeeded');
    const events = readFileSync(join(path, 'batch_events.jsonl'), 'utf8').trim().split('\n');
    expect(events.map((line) => (JSON.parse(line) as { type: string }).type)).toEqual([
      'batch.submitted',
      'task.released',
      'task.leased',
      'batch.started',
      'task.started',
      'task.succeeded',
      'batch.ended',
    ]);
  });
});
