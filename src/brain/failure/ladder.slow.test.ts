import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import type { StoreOpener } from '../../../test/support/describe-store.ts';
import { cpuDevice, HOLD } from '../../../test/support/fake-agents.ts';
import type { WorkerReport } from '../../contract/index.ts';

async function houseOver(open: StoreOpener): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock, cores: 2 });
}

const GiB = 2 ** 30;

function cards(...budgets: number[]) {
  return budgets.map((budget, index) =>
    cpuDevice(0, { id: `gpu${index}`, kind: 'nvidia', taskBudgetBytes: budget, totalBytes: budget }),
  );
}

function script(house: BrainHouse, more: readonly string[] = []): string {
  return house.plan([{ id: 'a', command: 'run', class: 'script', more: ['- **vram_estimate_mb**: 2048', ...more] }]);
}

/** The heartbeat of a host on which everything has been quiet for so long. */
async function beat(house: BrainHouse, quietMs: number, change: Partial<WorkerReport> = {}): Promise<void> {
  house.agent.workers = house.agent.live().map(({ attempt }) => ({
    attempt,
    device: 'cpu',
    pid: 4242,
    memoryBytes: null,
    startedAt: 0,
    quietMs,
    paused: false,
    ...change,
  }));
  house.brain.onDevices(house.agent.host);
  // An answer means that the turn of the heartbeat is over.
  await house.brain.onOutcomes(house.agent.host, []);
}

const MINUTE = 60_000;

/** Starts are told of with some patience. */
async function started(house: BrainHouse, open: StoreOpener, tasks = 1): Promise<void> {
  while (house.facts.filter(({ type }) => type === 'task.started').length < tasks) await open.clock.advance(25);
}

describeStore('the failure ladder', (open) => {
  test('a script that runs out of memory on every device fails with the sum, and waits for none that there is not', async () => {
    await using house = await houseOver(open);
    house.agent.devices = cards(4 * GiB, 6 * GiB);
    house.agent.script = () => ({ exitCode: 1, tail: 'CUDA error: out of memory' });

    const batch = await house.submit(script(house, ['- **retries**: 9']));

    expect(await house.endedInTime(batch, open.clock)).toBe('failed');
    expect(house.agent.ran.map(({ memoryBytes }) => memoryBytes / GiB)).toEqual([2, 3, 4.5, 6]);
    expect(await house.brain.showTask(batch, 'a')).toMatchObject({
      reason:
        'exit code 1: CUDA error: out of memory; 6144 MB were charged, 9216 MB would be next, and no device gives a task more than 6144 MB',
    });
  });

  test('a grant names the devices that the task failed on, also after a restart', async () => {
    await using house = await houseOver(open);
    house.agent.devices = cards(6 * GiB, 6 * GiB, 6 * GiB);
    house.agent.script = (grant) => ({ exitCode: 1, tail: 'broken', device: `gpu${grant.attempt.no - 1}` });
    const batch = await house.submit(script(house));
    await house.fact('task.retry_scheduled');
    await house.settleErrands();

    const status = await house.endedInTime(batch, open.clock);

    expect(status).toBe('failed');
    expect(house.agent.ran.map(({ avoid }) => avoid)).toEqual([[], ['gpu0'], ['gpu0', 'gpu1']]);
  });

  test('a task that failed on three devices is asked about, once', async () => {
    await using house = await houseOver(open);
    house.agent.devices = cards(6 * GiB, 6 * GiB, 6 * GiB);
    house.agent.script = (grant) => ({ exitCode: 1, tail: 'broken', device: `gpu${grant.attempt.no - 1}` });

    await house.endedInTime(await house.submit(script(house)), open.clock);

    expect(await house.brain.listEscalations({ openOnly: true })).toMatchObject([
      {
        kind: 'failing_task',
        task: 'a',
        question: 'task a failed on 3 devices: exit code 1: broken',
        detail: { devices: ['here/gpu0', 'here/gpu1', 'here/gpu2'] },
      },
    ]);
  });

  test('after a timeout there is one more try, with half as much time again', async () => {
    await using house = await houseOver(open);
    house.agent.script = () => ({ result: 'timed_out', exitCode: null });

    const batch = await house.submit(house.plan([{ id: 'a', command: 'slow' }]));

    expect(await house.endedInTime(batch, open.clock)).toBe('failed');
    expect(house.agent.ran.map(({ timeoutMs }) => timeoutMs)).toEqual([120_000, 180_000]);
  });

  test('an overloaded far end is left alone for as long as it asked', async () => {
    await using house = await houseOver(open);
    house.agent.script = () => ({ exitCode: 1, tail: 'HTTP/1.1 429\nRetry-After: 120' });

    await house.submit(house.plan([{ id: 'a', command: 'call' }]));

    expect((await house.fact('task.retry_scheduled')).data).toMatchObject({ class: 'backoff', delay_ms: 120_000 });
  });
});

describeStore('what people are asked', (open) => {
  test('a task that is to be retried runs again with all that depends on it', async () => {
    await using house = await houseOver(open);
    house.agent.script = () => ({ exitCode: 127, tail: 'no-such: not found' });
    const plan = house.plan([
      { id: 'a', command: 'no-such' },
      { id: 'b', command: 'true', dependsOn: 'a' },
    ]);
    const batch = await house.submit(plan);
    await house.ended(batch);
    house.agent.script = () => ({});

    const [question] = await house.brain.listEscalations({ openOnly: true });
    await house.brain.answerEscalation(question?.id ?? 0, { answer: 'retry', by: 'test' });
    await house.fact('batch.ended', ({ data }) => data.status === 'succeeded');

    const { tasks } = await house.brain.showBatch(batch);
    expect(tasks.map(({ status }) => status)).toEqual(['succeeded', 'succeeded']);
  });

  test('work without any agent is told of, until one comes', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    await house.submit(house.plan([{ id: 'a', command: 'true' }]));
    await started(house, open);

    house.agent.crash();
    await house.brain.onAgentLost('here');
    const [asked] = await house.brain.listEscalations({ openOnly: true });
    await house.agent.connect(house.brain);

    expect(asked).toMatchObject({ kind: 'agents' });
    expect(await house.brain.listEscalations({ openOnly: true })).toEqual([]);
  });
});

describeStore('a worker without progress', (open) => {
  test('is aborted, killed, and then a person is asked and the device is quarantined', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    house.agent.heeds = false;
    const batch = await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);

    await beat(house, 19 * MINUTE);
    const before = house.agent.signals.length;
    await beat(house, 20 * MINUTE);
    await open.clock.advance(2 * MINUTE);
    await beat(house, 22 * MINUTE);
    await open.clock.advance(2 * MINUTE);
    await beat(house, 24 * MINUTE);

    expect(before).toBe(0);
    expect(house.agent.signals).toEqual(['abort', 'kill']);
    expect((await house.brain.showTask(batch, 'a')).reason).toContain('does not end, not even by SIGKILL');
    const levels = house.facts.flatMap(({ type, data }) => (type === 'attempt.stuck' ? [data] : []));
    expect(levels).toMatchObject([{ level: 'abort' }, { level: 'kill' }, { level: 'manual' }]);
    expect([...house.agent.quarantined.keys()]).toEqual(['cpu']);
    expect(await house.brain.listEscalations({ openOnly: true })).toMatchObject([{ kind: 'stuck', batch_id: batch }]);
  });

  test('goes on where the ladder was after the controller has died', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    house.agent.heeds = false;
    await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);
    await beat(house, 20 * MINUTE);

    await house.settleErrands();
    await beat(house, 20 * MINUTE);
    const early = [...house.agent.signals];
    await open.clock.advance(2 * MINUTE);
    await beat(house, 22 * MINUTE);

    expect(early).toEqual(['abort']);
    expect(house.agent.signals).toEqual(['abort', 'kill']);
  });

  test('acceptance 12: two stuck tasks on one device are both ended, and tried again', async () => {
    await using house = await houseOver(open);
    house.agent.script = (grant) => (grant.attempt.no === 1 ? 'hold' : {});
    const plan = house.plan([
      { id: 'a', command: 'hang' },
      { id: 'b', command: 'hang' },
    ]);
    const batch = await house.submit(plan);
    await started(house, open, 2);

    await beat(house, 20 * MINUTE);

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    const attempts = (await house.brain.showTask(batch, 'b')).attempt_list;
    expect(attempts).toMatchObject([
      { class: 'stuck', reason: expect.stringContaining('made neither output nor progress') },
      { status: 'succeeded' },
    ]);
  });

  test('a task says itself how long it may be silent', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    house.agent.heeds = false;
    await house.submit(house.plan([{ id: 'a', command: 'hang', more: ['- **stuck_after**: 1m'] }]));
    await started(house, open);

    await beat(house, 61_000);

    expect(house.agent.signals).toEqual(['abort']);
  });

  test('a worker that is stopped, or on a constrained device, is not stuck', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);

    await beat(house, 30 * MINUTE, { paused: true });
    house.agent.devices = [cpuDevice(2, { condition: 'constrained', why: 'too hot' })];
    await beat(house, 30 * MINUTE);

    expect(house.agent.signals).toEqual([]);
  });
});

describeStore('a signal of a person', (open) => {
  test('an abort cancels that task and no other, and is not tried again', async () => {
    await using house = await houseOver(open);
    house.agent.script = (grant) => (grant.attempt.task === 'a' ? 'hold' : {});
    const plan = house.plan([
      { id: 'a', command: 'hang' },
      { id: 'after', command: 'true', dependsOn: 'a' },
      { id: 'other', command: 'true' },
    ]);
    const batch = await house.submit(plan);
    await started(house, open);

    await house.brain.signalTask(batch, 'a', 'abort');

    expect(await house.ended(batch)).toBe('failed');
    const { tasks } = await house.brain.showBatch(batch);
    expect(tasks.map(({ id, status }) => `${id} ${status}`).toSorted()).toEqual([
      'a cancelled',
      'after aborted',
      'other succeeded',
    ]);
    expect(house.agent.ran.filter(({ attempt }) => attempt.task === 'a')).toHaveLength(1);
  });

  test('a stop lets it finish, and gives it no further try', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);

    await house.brain.signalTask(batch, 'a', 'stop');
    for (const grant of house.agent.live()) house.agent.finish(grant, { exitCode: 1 });

    expect(await house.ended(batch)).toBe('failed');
    expect(house.agent.signals).toEqual([]);
    expect((await house.brain.showTask(batch, 'a')).attempt_list).toHaveLength(1);
  });

  test('one that hangs after a stop is ended for its silence, and has no further try either', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);

    await house.brain.signalTask(batch, 'a', 'stop');
    await beat(house, 20 * MINUTE);

    await house.endedInTime(batch, open.clock);
    expect(house.agent.signals).toEqual(['abort']);
    expect(await house.brain.showTask(batch, 'a')).toMatchObject({ status: 'cancelled', attempts: 1 });
  });

  test('what does not run ends at once; what has ended cannot be told', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const plan = house.plan([
      { id: 'a', command: 'hang' },
      { id: 'b', command: 'true', dependsOn: 'a' },
    ]);
    const batch = await house.submit(plan);
    await started(house, open);

    const told = await house.brain.signalTask(batch, 'b', 'abort');

    expect(told.status).toBe('cancelled');
    await expect(house.brain.signalTask(batch, 'b', 'kill')).rejects.toMatchObject({ code: 'TASK_ENDED' });
  });

  test('to a device ends what runs there; it goes elsewhere and no try is counted', async () => {
    await using house = await houseOver(open);
    house.agent.script = (grant) => (grant.attempt.no === 1 ? 'hold' : {});
    const batch = await house.submit(house.plan([{ id: 'a', command: 'hang' }]));
    await started(house, open);

    const tasks = await house.brain.signalDevice('here', 'cpu', 'abort');

    expect(tasks).toBe(1);
    expect(await house.ended(batch)).toBe('succeeded');
    expect((await house.fact('task.retry_scheduled')).data).toMatchObject({ class: 'infrastructure', free: true });
  });
});
