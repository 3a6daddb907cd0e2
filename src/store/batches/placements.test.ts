/** Rows of loads and unloads. */

import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { beginPlacement, closeLeftPlacements, endPlacement, listPlacements } from './placements.ts';

const LOAD = { action: 'load_llm', model: 'demo', target: 'sim0', because: '3 tasks wait' } as const;

describeStore('placements', (open) => {
  test('are listed newest first with how they ended; what was left open by an earlier life is closed', async () => {
    const store = await open();
    const first = await store.write((tx) => beginPlacement(tx, LOAD));
    const second = await store.write((tx) => beginPlacement(tx, { ...LOAD, action: 'unload_llm', target: 'demo-2' }));
    await store.write((tx) => endPlacement(tx, first, { state: 'succeeded', reason: null }));
    await store.write(closeLeftPlacements);

    const rows = await store.read(listPlacements);

    expect(rows.map(({ id, state }) => [id, state])).toEqual([
      [second, 'failed'],
      [first, 'succeeded'],
    ]);
    expect(rows[0]?.reason).toContain('went down');
  });
});
