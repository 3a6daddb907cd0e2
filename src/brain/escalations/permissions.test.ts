/** Commands that wait for a person: what is parked, what an answer reaches, and that it survives a restart. */

import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import type { Script } from '../../../test/support/fake-agents.ts';
import type { EscalationView } from '../../contract/index.ts';

/** As a host whose policy asks about `push`. */
const ASKING: Script = (grant) =>
  grant.command.includes('push') && !(grant.approved ?? []).includes('push')
    ? { result: 'blocked', exitCode: null, asks: ['push'], tail: 'a person must allow: push' }
    : {};

async function question(house: BrainHouse, task: string): Promise<EscalationView> {
  const { subject } = await house.fact('escalation.opened', ({ data }) => data.task === task);
  return house.brain.showEscalation(Number(subject.split(':')[1]));
}

describeStore('a command that a person must allow', (open) => {
  const openHouse = async (): Promise<BrainHouse> => {
    const house = await BrainHouse.open({ store: await open(), clock: open.clock });
    house.agent.script = ASKING;
    return house;
  };

  test('parks its task without counting a try, and runs once it is allowed', async () => {
    await using house = await openHouse();
    const batch = await house.submit(house.plan([{ id: 'a', command: 'push' }]));

    const asked = await question(house, 'a');
    const parked = await house.brain.showTask(batch, 'a');
    await house.brain.answerEscalation(asked.id, { answer: 'allow once', by: 'ann' });

    expect(asked).toMatchObject({
      kind: 'permission',
      choices: ['deny', 'allow once', 'allow in this batch', 'allow always'],
    });
    expect(parked).toMatchObject({ status: 'parked', reason: expect.stringContaining('a person must allow') });
    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(house.agent.ran.at(-1)?.approved).toEqual(['push']);
  });

  test('denied, fails its task for good', async () => {
    await using house = await openHouse();
    const batch = await house.submit(house.plan([{ id: 'a', command: 'push' }]));

    await house.brain.answerEscalation((await question(house, 'a')).id, { answer: 'deny', by: 'ann' });

    expect(await house.endedInTime(batch, open.clock)).toBe('failed');
    expect(await house.brain.showTask(batch, 'a')).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('forbidden'),
    });
  });

  test('allowed once, is asked about again by another task; allowed in the batch, by none', async () => {
    await using house = await openHouse();
    const plan = ['a', 'b', 'c'].map((id, index, all) => ({
      id,
      command: 'push',
      dependsOn: all[index - 1] ?? 'none',
    }));
    const batch = await house.submit(house.plan(plan));

    await house.brain.answerEscalation((await question(house, 'a')).id, { answer: 'allow once', by: 'ann' });
    await house.brain.answerEscalation((await question(house, 'b')).id, { answer: 'allow in this batch', by: 'ann' });

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(house.facts.filter(({ type }) => type === 'escalation.opened')).toHaveLength(2);
  });

  test('allowed in the batch, sets free whoever had asked the same by then; allowed once, nobody else', async () => {
    await using house = await openHouse();
    const plan = ['a', 'b', 'c'].map((id) => ({ id, command: 'push', dependsOn: 'none' }));
    const batch = await house.submit(house.plan(plan));
    const [a, b, c] = [await question(house, 'a'), await question(house, 'b'), await question(house, 'c')];

    await house.brain.answerEscalation(a.id, { answer: 'allow once', by: 'ann' });
    const open_ = (await house.brain.listEscalations({ openOnly: true })).map(({ id }) => id).toSorted();
    await house.brain.answerEscalation(b.id, { answer: 'allow in this batch', by: 'ann' });

    expect(open_).toEqual([b.id, c.id].toSorted());
    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(await house.brain.showEscalation(c.id)).toMatchObject({ status: 'answered', answer: 'allow in this batch' });
  });

  test('what was allowed is known again after the controller has died', async () => {
    await using house = await openHouse();
    const plan = [
      { id: 'a', command: 'push' },
      { id: 'b', command: 'push now', dependsOn: 'a' },
    ];
    house.agent.script = (grant) => (grant.attempt.task === 'b' && house.agent.epoch === 1 ? 'hold' : ASKING(grant));
    const batch = await house.submit(house.plan(plan));
    await house.brain.answerEscalation((await question(house, 'a')).id, { answer: 'allow in this batch', by: 'ann' });
    const hasStarted = (): boolean =>
      house.facts.some(({ type, subject }) => type === 'task.started' && subject.endsWith('/b'));
    while (!hasStarted()) await open.clock.advance(25);

    await house.restart();
    house.agent.crash();
    await house.agent.connect(house.brain);

    expect(await house.endedInTime(batch, open.clock)).toBe('succeeded');
    expect(house.agent.ran.at(-1)).toMatchObject({ command: 'push now', approved: ['push'] });
  });
});
