import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { encodeJson, insertBenchResult, listBenchResults } from '../index.ts';

describeStore('results of benches', (open) => {
  test('are kept, newest first, and found by kind and subject', async () => {
    const store = await open();
    for (const [subject, result] of [
      ['demo', 1],
      ['qwen', 2],
      ['demo', 3],
    ] as const) {
      await store.write((tx) => insertBenchResult(tx, { kind: 'model', subject, result: encodeJson({ result }) }));
    }

    const all = await store.read((db) => listBenchResults(db, { kind: 'model', limit: 2 }));
    const demo = await store.read((db) => listBenchResults(db, { kind: 'model', subject: 'demo', limit: 9 }));

    expect(all.map(({ subject }) => subject)).toEqual(['demo', 'qwen']);
    expect(demo.map(({ result, measured_at: at }) => [result, at])).toEqual([
      ['{"result":3}', open.clock.now()],
      ['{"result":1}', open.clock.now()],
    ]);
    expect(await store.read((db) => listBenchResults(db, { kind: 'device', limit: 9 }))).toEqual([]);
  });
});
