import { afterEach, beforeEach, expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { until } from '../../../test/support/house.ts';
import { writePlan } from '../../../test/support/plans.ts';
import type { ServedInstance } from '../index.ts';

let house: BrainHouse;
beforeEach(async () => {
  house = await BrainHouse.open();
  house.modelParameters = { small: 1e9, middle: 8e9, large: 30e9 };
  house.models.takes = { memoryBytes: 1, slots: 1, loadMs: 1, most: 1, devices: null };
});
afterEach(() => house[Symbol.asyncDispose]());

const ASKING = `# Plan: wish
## Tasks
### ask
- **type**: generate
- **llm_min_tier**: 2
- **timeout**: 1m

~~~prompt
Hello
~~~
`;

const COMMAND = `# Plan: wish
## Tasks
### call
- **task_class**: llm
- **llm_min_tier**: 2
- **timeout**: 1m
- **command**: \`echo $DROVER_MODEL\`
`;

function serving(model: string, state: ServedInstance['state']): ServedInstance {
  const slots = { slots: 1, busySlots: 0, readyAt: null, usedAt: null, isPinned: false, memoryBytes: 1 };
  return { name: `${model}-0`, model, models: new Set([model]), devices: ['cpu'], state, ...slots };
}

test('a task that asks for a tier is answered by the smallest model of it, and says by which', async () => {
  const batch = await house.submit(writePlan(house.home, ASKING));

  expect(await house.ended(batch)).toBe('succeeded');
  expect(house.inference.asked.map(({ model }) => model)).toEqual(['middle']);
  expect((await house.brain.showTask(batch, 'ask')).reason).toBe(
    'model middle (the smallest of tier 2 or more that can be loaded)',
  );
});

test('a larger model that is loaded is taken before a smaller one that is not', async () => {
  house.models.served = [serving('large', 'ready'), serving('small', 'ready')];

  const batch = await house.submit(writePlan(house.home, ASKING));
  await house.ended(batch);

  expect(house.inference.asked.map(({ model }) => model)).toEqual(['large']);
});

test('what waits goes over to the model that has come meanwhile', async () => {
  house.inference.slots = 0;
  const batch = await house.submit(writePlan(house.home, ASKING));
  const before = (await house.brain.showTask(batch, 'ask')).reason;

  house.models.served = [serving('large', 'ready')];
  house.inference.slots = 1;
  house.brain.onInferenceChanged();
  await house.ended(batch);

  expect(before).toContain('waits for model middle (the smallest of tier 2 or more that can be loaded): ');
  expect(house.inference.asked.map(({ model }) => model)).toEqual(['large']);
});

test('a command gets a slot of the model that was chosen', async () => {
  const batch = await house.submit(writePlan(house.home, COMMAND));
  await house.ended(batch);

  expect(house.agent.ran.map(({ env }) => env['DROVER_MODEL'])).toEqual(['middle']);
  expect((await house.brain.showTask(batch, 'call')).reason).toContain('model middle (');
});

test('a plan that asks for more than any model has is refused', async () => {
  house.modelParameters = { small: 1e9 };

  const result = await house.brain.submit(house.request(writePlan(house.home, ASKING)));

  expect(result).toMatchObject({ kind: 'invalid', diagnostics: [{ code: 'P058', line: 5 }] });
});

test('a task whose only model has gone says for what it waits', async () => {
  house.inference.slots = 0;
  const batch = await house.submit(writePlan(house.home, ASKING));

  house.modelParameters = {};
  house.brain.onInferenceChanged();
  const reason = await until(
    async () => (await house.brain.showTask(batch, 'ask')).reason,
    (said) => said?.includes('middle') === false,
  );

  expect(reason).toBe('waits for a model of tier 2 or more: none of the catalogue is known to be that');
});
