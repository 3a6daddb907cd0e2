/** Loads over a real store: what becomes of one that could not be written down. */

import { expect, test } from 'vitest';

import { BrainHouse } from '../../../test/support/brain-house.ts';
import { describeStore } from '../../../test/support/describe-store.ts';
import { leaving } from '../../../test/support/leaving-store.ts';
import { until } from '../../../test/support/patience.ts';

describeStore('placements', (open) => {
  test('a load whose end could not be stored is not taken to go on for ever: the model is loaded again', async () => {
    let isAway = false;
    const store = leaving(await open(), () => isAway);
    await using house = await BrainHouse.open({ store, clock: open.clock });
    const loads: string[] = [];
    house.inference.slots = 0;
    house.models.takes = { memoryBytes: 1, slots: 1, loadMs: 1, most: 1, devices: null };
    house.models.load = async (model) => {
      isAway = loads.push(model) === 1;
    };
    await house.submit(house.plan([{ id: 'call', command: 'true', class: 'llm', more: ['- **model**: demo'] }]));
    await until(async () => {
      await open.clock.advance(100);
      return loads.length === 1;
    });

    await open.clock.advance(1_000);
    isAway = false;

    await until(async () => {
      await open.clock.advance(1_000);
      return loads.length > 1;
    });
    expect(loads.slice(0, 2)).toEqual(['demo', 'demo']);
  });
});
