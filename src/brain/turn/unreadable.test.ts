/** A batch whose stored plan cannot be read after a start: the others go on, and a person is asked. */

import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import type { StoreOpener } from '../../../test/support/describe-store.ts';
import { HOLD, SUCCEED } from '../../../test/support/fake-agents.ts';

/** Two batches that run, and the plan of the first is spoilt. */
async function spoilt(open: StoreOpener) {
  const house = await BrainHouse.open({ store: await open(), clock: open.clock, cores: 4 });
  house.agent.script = HOLD;
  const broken = await house.submit(house.plan([{ id: 'a', command: 'echo broken' }]));
  const whole = await house.submit(house.plan([{ id: 'b', command: 'echo whole' }]));
  const { digest, compiled: text } = await house.store.read((db) =>
    db
      .selectFrom('plan_version')
      .innerJoin('batch', 'plan_digest', 'digest')
      .select(['digest', 'compiled'])
      .where('batch.id', '=', broken)
      .executeTakeFirstOrThrow(),
  );
  const keep = (compiled: string) =>
    house.store.write(async (tx) => {
      await sql`update plan_version set compiled = ${compiled} where digest = ${digest}`.execute(tx.db);
    });
  await keep('{"nodes": [');
  house.agent.script = SUCCEED;
  await house.settleErrands();
  for (const grant of house.agent.live()) house.agent.finish(grant);
  return { house, broken, whole, mend: () => keep(text) };
}

async function question(house: BrainHouse) {
  const [asked] = (await house.brain.listEscalations({ openOnly: false })).filter(({ kind }) => kind === 'plan');
  if (!asked) throw new Error('nobody was asked');
  return asked;
}

describeStore('a stored plan that cannot be read', (open) => {
  test('holds up its own batch alone, and a person is asked once', async () => {
    const { house, broken, whole } = await spoilt(open);
    await using _ = house;

    await house.ended(whole);
    await house.settleErrands();

    expect(await question(house)).toMatchObject({ batch_id: broken, status: 'open', choices: ['leave', 'kill'] });
    expect(await house.brain.listBatches()).toContainEqual(
      expect.objectContaining({ batch_id: broken, status: 'running' }),
    );
  });

  test('is gone on with by a later start that can read it, and the question is taken back', async () => {
    const { house, broken, mend } = await spoilt(open);
    await using _ = house;

    await mend();
    await house.settleErrands();

    expect(await house.ended(broken)).toBe('succeeded');
    expect(await question(house)).toMatchObject({ status: 'withdrawn' });
  });

  test('ends with its batch by the answer of a person', async () => {
    const { house, broken } = await spoilt(open);
    await using _ = house;

    const { id } = await question(house);
    await house.brain.answerEscalation(id, { answer: 'kill', by: 'ada' });

    expect(await house.ended(broken)).toBe('cancelled');
    expect(await question(house)).toMatchObject({ status: 'answered', answer: 'kill' });
    expect(await house.brain.listTasks(broken)).toMatchObject([{ status: 'cancelled' }]);
  });

  test('is killed by a command like any other', async () => {
    const { house, broken } = await spoilt(open);
    await using _ = house;

    await house.brain.kill(broken);

    expect(await house.ended(broken)).toBe('cancelled');
    expect(await question(house)).toMatchObject({ status: 'withdrawn' });
  });
});
