import { expect, test } from 'vitest';

import { BrainHouse, until } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import type { StoreOpener } from '../../../test/support/describe-store.ts';
import { cpuDevice, FakeAgent, HOLD, QUEUE, SUCCEED } from '../../../test/support/fake-agents.ts';
import { leaving } from '../../../test/support/leaving-store.ts';
import { attemptKey } from '../../contract/index.ts';
import type { Store } from '../../store/index.ts';

/** A store that undoes every write whose number `fails` names, after it has run. */
function faulty(store: Store, fails: (write: number) => boolean): Store {
  let writes = 0;
  return {
    ...store,
    facts: store.facts,
    write: (fn) => {
      const broken = fails((writes += 1));
      return store.write(async (tx) => {
        const value = await fn(tx);
        if (broken) throw new Error('the disk said no');
        return value;
      });
    },
  };
}

async function houseOver(open: StoreOpener, cores = 2): Promise<BrainHouse> {
  return BrainHouse.open({ store: await open(), clock: open.clock, cores });
}

function flat(count: number) {
  return Array.from({ length: count }, (_, index) => ({ id: `t${index}`, command: 'true' }));
}

describeStore('recovery', (open) => {
  test('a controller that dies in the middle of forty tasks loses none and repeats none that had finished', async () => {
    await using house = await houseOver(open, 4);
    let granted = 0;
    house.agent.script = () => ((granted += 1) % 4 === 0 ? 'hold' : {});
    const batch = await house.submit(house.plan(flat(40)));
    await until(() => house.facts.filter((fact) => fact.type === 'task.succeeded').length >= 6);

    await house.restart();
    house.agent.script = SUCCEED;
    const held = house.agent.live();
    await house.agent.connect(house.brain);
    for (const grant of held) house.agent.finish(grant);

    expect(await house.ended(batch)).toBe('succeeded');
    const keys = house.agent.ran.map((grant) => attemptKey(grant.attempt));
    expect(new Set(keys).size).toBe(40);
    expect(keys).toHaveLength(40);
    expect(house.facts.filter((fact) => fact.type === 'attempt.adopted').length).toBeGreaterThan(0);
  });

  test('a silent agent gets nothing new until it is heard of again, and whoever waits is told', async () => {
    await using house = await houseOver(open);
    house.agent.script = SUCCEED;
    house.agent.silent = true;
    const batch = await house.submit(house.plan(flat(1)));
    const told = await house.brain.showTask(batch, 't0');
    expect(told.reason).toBe('waits for an agent: nothing is heard of here');
    expect(house.agent.ran).toEqual([]);

    house.agent.silent = false;
    house.brain.onDevices(house.agent.host);
    expect(await house.ended(batch)).toBe('succeeded');
  });

  test('an agent that comes back in another life keeps its workers and tells what it had spooled', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(2)));
    await until(() => house.agent.live().length === 2);
    const [spooled, alive] = house.agent.live();

    house.agent.reincarnate();
    if (spooled) house.agent.finish(spooled);
    const answer = await house.agent.connect(house.brain);
    if (alive) house.agent.finish(alive);

    expect(answer.acknowledged).toEqual([spooled?.attempt]);
    expect(answer.revoke).toEqual([]);
    expect(await house.ended(batch)).toBe('succeeded');
    expect(house.agent.ran).toHaveLength(2);
    const { attempt_list: attempts } = await house.brain.showTask(batch, alive?.attempt.task ?? '');
    expect(attempts).toMatchObject([{ attempt: 1, status: 'succeeded', epoch: 2 }]);
  });

  test('a grant that was stored but never sent is given again, and counts as no failure', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);

    house.agent.crash();
    await house.agent.connect(house.brain);
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();
    if (grant) house.agent.finish(grant);

    expect(await house.ended(batch)).toBe('succeeded');
    expect(grant?.attempt.no).toBe(2);
  });

  test('what a lost agent ran goes to another exactly once, and its late result changes nothing', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    await open.clock.advance(100);
    await house.fact('task.started');
    const [first] = house.agent.live();
    const other = house.agents.add(new FakeAgent('there', [cpuDevice(2)], () => open.clock.now()));
    other.script = HOLD;
    await other.connect(house.brain);

    house.agent.cut();
    await house.brain.onAgentLost('here');
    await until(() => other.live().length === 1);
    const late = first ? [house.agent.outcomeOf(first)] : [];
    const acknowledged = await house.brain.onOutcomes('here', late);

    expect(acknowledged).toEqual([first?.attempt]);
    expect(house.facts.filter((fact) => fact.type === 'attempt.fenced')).toHaveLength(1);
    expect(house.facts.find((fact) => fact.type === 'agent.lost')?.data).toEqual({ epoch: 1, requeued: 1 });
    expect(['leased', 'running']).toContain((await house.brain.showTask(batch, 't0')).status);
    const [second] = other.live();
    if (second) other.finish(second);
    expect(await house.ended(batch)).toBe('succeeded');
    expect((await house.brain.showTask(batch, 't0')).attempt_list).toMatchObject([
      { status: 'fenced', class: 'infrastructure' },
      { status: 'succeeded', agent: 'there' },
    ]);
  });

  test('an agent that comes back before its loss could be stored keeps what it runs', async () => {
    let isAway = false;
    const store = leaving(await open(), () => isAway);
    await using house = await BrainHouse.open({ store, clock: open.clock });
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    const [held] = house.agent.live();

    isAway = true;
    house.agent.cut();
    const lost = house.brain.onAgentLost('here');
    await open.clock.advance(10);
    isAway = false;
    await house.agent.connect(house.brain);
    await open.clock.advance(5_000);
    await lost;
    if (held) house.agent.finish(held);

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(house.agent.ran).toHaveLength(1);
  });

  test('an agent that was declared lost must give up what was given away', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    const [held] = house.agent.live();

    house.agent.cut();
    await house.brain.onAgentLost('here');
    house.agent.script = SUCCEED;
    const answer = await house.agent.connect(house.brain);

    expect(answer.revoke).toEqual([held?.attempt]);
    expect(await house.ended(batch)).toBe('succeeded');
  });

  test('an outcome that is told twice counts once and is acknowledged twice', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();
    const outcome = grant ? [house.agent.outcomeOf(grant)] : [];

    const once = await house.brain.onOutcomes('here', outcome);
    const twice = await house.brain.onOutcomes('here', outcome);

    expect(twice).toEqual(once);
    expect(await house.ended(batch)).toBe('succeeded');
    const told = house.facts.map((fact) => fact.type);
    expect(told.filter((type) => type === 'task.succeeded')).toHaveLength(1);
    expect(told).not.toContain('attempt.fenced');
  });

  test('a grant that its host can never take goes to another host, uncounted', async () => {
    await using house = await houseOver(open);
    house.agent.script = QUEUE;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();
    house.agent.script = SUCCEED;
    const there = house.agents.add(new FakeAgent('there', [cpuDevice(2)], () => open.clock.now()));
    await there.connect(house.brain);

    if (grant) house.brain.onDeclined('here', { attempt: grant.attempt, reason: 'no memory' });

    expect(await house.ended(batch)).toBe('succeeded');
    expect((await house.brain.showTask(batch, 't0')).attempts).toBe(2);
    expect(there.ran).toHaveLength(1);
  });

  test('a grant that no host can ever take fails with the reason that was given', async () => {
    await using house = await houseOver(open);
    house.agent.script = QUEUE;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    const [grant] = house.agent.live();

    if (grant) house.brain.onDeclined('here', { attempt: grant.attempt, reason: 'no memory' });

    expect(await house.ended(batch)).toBe('failed');
    const task = await house.brain.showTask(batch, 't0');
    expect(task).toMatchObject({ status: 'failed', attempts: 1, reason: 'no memory' });
  });

  test('a template that was being expanded when the controller died expands once', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const plan = house.plan(
      [
        { id: 'each', command: 'true', foreach: '{PLAN_PATH}/scripts/list.json:items' },
        { id: 'after', command: 'true', dependsOn: 'each' },
      ],
      { 'scripts/list.json': JSON.stringify({ items: ['a', 'b', 'c'] }) },
    );
    const batch = await house.submit(plan);

    await house.restart();
    house.agent.script = SUCCEED;
    const held = house.agent.live();
    await house.agent.connect(house.brain);
    for (const grant of held) house.agent.finish(grant);

    expect(await house.ended(batch)).toBe('succeeded');
    expect(house.facts.filter((fact) => fact.type === 'task.expanded')).toHaveLength(1);
    expect((await house.brain.showBatch(batch)).counts).toMatchObject({ total: 4, succeeded: 4 });
  });

  test('a store that refuses every third write delays a batch and costs it nothing else', async () => {
    const store = faulty(await open(), (write) => write > 6 && write % 3 === 0);
    await using house = await BrainHouse.open({ store, clock: open.clock });

    const batch = await house.submit(house.plan(flat(20)));

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(new Set(house.agent.ran.map((grant) => grant.attempt.task)).size).toBe(20);
    expect(house.agent.ran).toHaveLength(20);
  });

  test('a store that is away for a while costs a batch nothing: what is told meanwhile is kept', async () => {
    let isAway = false;
    const store = leaving(await open(), () => isAway);
    await using house = await BrainHouse.open({ store, clock: open.clock });
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(2)));
    await until(() => house.agent.live().length === 2);

    isAway = true;
    for (const grant of house.agent.live()) house.agent.finish(grant);
    await open.clock.advance(5_000);
    isAway = false;

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(house.agent.ran).toHaveLength(2);
  });

  test('a batch whose agent is away when it is killed is cancelled when the agent is back', async () => {
    await using house = await houseOver(open);
    house.agent.script = HOLD;
    const batch = await house.submit(house.plan(flat(1)));
    await until(() => house.agent.live().length === 1);
    house.agent.cut();

    const killed = house.brain.kill(batch);
    await house.fact('batch.cancel_requested');
    const answer = await house.agent.connect(house.brain);

    expect(answer.revoke).toHaveLength(1);
    expect(await killed).toMatchObject({ status: 'cancelled' });
    expect(await house.brain.listTasks(batch)).toMatchObject([{ status: 'cancelled', reason: 'the batch was killed' }]);
  });
});
