import { expect, test } from 'vitest';

import { BrainHouse } from '../../test/support/brain-house.ts';

test('a chain of tasks runs in order and the batch succeeds', async () => {
  await using house = await BrainHouse.open();
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
