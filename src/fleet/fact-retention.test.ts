import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { subject } from '../contract/index.ts';
import { silentLog } from '../kernel/index.ts';
import { insertMany, listFacts } from '../store/index.ts';
import { keepFactsFresh } from './fact-retention.ts';

const DAY_MS = 86_400_000;

describeStore('retention of facts', (open) => {
  test('old facts go at the start, however many, and young ones an hour after their time', async () => {
    const store = await open();
    const { clock } = open;
    const fact = (at: number) =>
      ({ at, type: 'instance.adopted', subject: subject.instance('a'), data: '{"pid":1}' }) as const;
    const old = Array.from({ length: 2_500 }, () => fact(clock.now() - 31 * DAY_MS));
    await store.write((tx) =>
      insertMany(tx, 'fact', [...old, fact(clock.now() - 30 * DAY_MS + 1_000), fact(clock.now())]),
    );
    const left = async () => (await store.read((db) => listFacts(db, { limit: 10_000 }))).length;
    const stop = new AbortController();

    const keeping = keepFactsFresh({ store, clock, log: silentLog, signal: stop.signal, keepDays: () => 30 });
    while ((await left()) > 2);
    await clock.advance(3_600_000);
    while ((await left()) > 1);
    stop.abort(new Error('over'));
    await keeping;

    expect(await left()).toBe(1);
  });
});
