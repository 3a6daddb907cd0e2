import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { subject } from '../../contract/index.ts';
import type { Fact, NewFact } from '../../contract/index.ts';
import { latestSeq, listFacts } from '../index.ts';
import type { Store, Tx } from '../index.ts';

const removed = (name: string): NewFact<'instance.removed'> => ({
  type: 'instance.removed',
  subject: subject.instance(name),
  data: {},
});

const put = (tx: Tx, key: string, value = 'x'): Promise<unknown> =>
  tx.db.insertInto('meta').values({ key, value }).execute();

async function keys(store: Store): Promise<string[]> {
  const rows = await store.read((db) => db.selectFrom('meta').select('key').where('key', 'like', 'k%').execute());
  return rows.map(({ key }) => key).toSorted();
}

describeStore('group commit', (open) => {
  test('a write that fails is undone and rejected alone, its facts with it', async () => {
    const store = await open();
    const write = (key: string): Promise<string> =>
      store.write(async (tx) => {
        tx.record(removed(key));
        await put(tx, `${key}-before`);
        await put(tx, key);
        return key;
      });

    const results = await Promise.allSettled([write('k1'), write('k1'), write('k2')]);

    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await keys(store)).toEqual(['k1', 'k1-before', 'k2', 'k2-before']);
    const facts = await store.read((db) => listFacts(db, { limit: 10 }));
    expect(facts.map((fact) => fact.subject)).toEqual(['instance:k1', 'instance:k2']);
  });

  test('a write alone in its group leaves nothing when it fails', async () => {
    const store = await open();
    const write = store.write(async (tx) => {
      tx.record(removed('k1'));
      await put(tx, 'k1');
      throw new Error('changed my mind');
    });

    await expect(write).rejects.toThrow('changed my mind');

    expect(await keys(store)).toEqual([]);
    expect(await store.read(latestSeq)).toBe(0);
  });

  test('writes run in the order of their calls and see what went before', async () => {
    const store = await open();
    const seen = await Promise.all(
      ['k1', 'k2', 'k3'].map((key) =>
        store.write(async (tx) => {
          await put(tx, key);
          const rows = await tx.db.selectFrom('meta').select('key').where('key', 'like', 'k%').orderBy('key').execute();
          return rows.map((row) => row.key).join();
        }),
      ),
    );

    expect(seen).toEqual(['k1', 'k1,k2', 'k1,k2,k3']);
  });

  test('a refused row is a failure of the store', async () => {
    const store = await open();
    await store.write((tx) => put(tx, 'k1'));

    const error: unknown = await store.write((tx) => put(tx, 'k1')).catch((thrown: unknown) => thrown);

    expect(error).toMatchObject({ code: 'STORE_FAILED' });
  });

  test('a write that outlives a failed query of its own is not taken for stored', async () => {
    const store = await open();
    const stubborn = (key: string): Promise<unknown> =>
      store.write(async (tx) => {
        await put(tx, key);
        await put(tx, key).catch(() => null);
      });

    const alone = await stubborn('k1').then(
      () => 'stored',
      () => 'refused',
    );
    const together = await Promise.allSettled([stubborn('k2'), store.write((tx) => put(tx, 'k3'))]);

    const stored = open.dialect === 'sqlite' ? ['k1', 'k2', 'k3'] : ['k3'];
    expect(await keys(store)).toEqual(stored);
    expect(alone).toBe(open.dialect === 'sqlite' ? 'stored' : 'refused');
    expect(together[1]?.status).toBe('fulfilled');
  });

  test('facts are numbered in order, published after the commit and before the write resolves', async () => {
    const store = await open();
    const published: Fact[] = [];
    const atPublication: Promise<string[]>[] = [];
    store.facts.subscribe((fact) => {
      published.push(fact);
      atPublication.push(keys(store));
    });
    const write = (key: string): Promise<number> =>
      store
        .write(async (tx) => {
          await put(tx, key);
          tx.record(removed(`${key}-a`));
          tx.record(removed(`${key}-b`));
        })
        .then(() => published.length);

    const counts = await Promise.all([write('k1'), write('k2')]);

    expect(counts).toEqual([4, 4]);
    expect(published.map((fact) => fact.subject)).toEqual([
      'instance:k1-a',
      'instance:k1-b',
      'instance:k2-a',
      'instance:k2-b',
    ]);
    expect(await Promise.all(atPublication)).toContainEqual(['k1', 'k2']);
    expect(await store.read((db) => listFacts(db, { limit: 10 }))).toEqual(published);
  });

  test('a large group keeps its facts in order', async () => {
    const store = await open();
    const names = Array.from({ length: 1200 }, (_, index) => `n${index}`);

    await store.write(async (tx) => names.forEach((name) => tx.record(removed(name))));

    const facts = await store.read((db) => listFacts(db, { limit: 5000 }));
    expect(facts.map((fact) => fact.subject)).toEqual(names.map(subject.instance));
    expect(facts.map((fact) => fact.seq)).toEqual(names.map((_, index) => (facts[0]?.seq ?? 0) + index));
  });

  test('a subscriber that throws harms neither the write nor the others', async () => {
    const store = await open();
    const seen: string[] = [];
    store.facts.subscribe(() => {
      throw new Error('bad subscriber');
    });
    store.facts.subscribe((fact) => seen.push(fact.subject));

    await store.write(async (tx) => tx.record(removed('k1')));

    expect(seen).toEqual(['instance:k1']);
  });

  test('close lets accepted writes finish and refuses new ones', async () => {
    const store = await open();
    const accepted = Promise.all(['k1', 'k2'].map((key) => store.write((tx) => put(tx, key))));

    const closed = store.close();

    await expect(store.write((tx) => put(tx, 'k3'))).rejects.toMatchObject({ code: 'STORE_FAILED' });
    await Promise.all([accepted, closed]);
    expect(await keys(await open())).toEqual(['k1', 'k2']);
  });
});
