import { sql } from 'kysely';
import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { insertMany } from './index.ts';
import type { NewRow, Store } from './index.ts';

const BIG = Number.MAX_SAFE_INTEGER;

const model = (id: string, sizeBytes: number): NewRow<'model'> => ({
  id,
  state: 'ready',
  path: '/m.gguf',
  size_bytes: sizeBytes,
  source: 'test',
  registered_at: 1,
});

async function storeWith(store: Store, rows: readonly NewRow<'model'>[]): Promise<Store> {
  await store.write((tx) => insertMany(tx, 'model', rows));
  return store;
}

describeStore('both databases', (open) => {
  test('whole numbers up to 2^53, counts and sums are JavaScript numbers', async () => {
    const store = await storeWith(await open(), [model('a', BIG), model('b', 0)]);

    const row = await store.read((db) =>
      db
        .selectFrom('model')
        .select(({ fn }) => [fn.countAll().as('count'), fn.sum('size_bytes').as('sum'), fn.max('size_bytes').as('max')])
        .executeTakeFirstOrThrow(),
    );

    expect(row).toEqual({ count: 2, sum: BIG, max: BIG });
  });

  test('a thousand rows at once come back as they were, whatever their texts hold', async () => {
    const odd = ['"', "'", '\\', '\n', '{"a": [1]}', '?1 $1', 'ä 試験 🎲', ''];
    const rows = Array.from({ length: 1_001 }, (_, at) => ({
      ...model(`${odd[at % odd.length] ?? ''}${at}`, at * 2 ** 40),
      sha256: at % 3 === 0 ? null : (odd[at % 7] ?? ''),
    }));

    const store = await storeWith(await open(), rows);

    const stored = await store.read((db) =>
      db
        .selectFrom('model')
        .select(['id', 'state', 'path', 'size_bytes', 'source', 'registered_at', 'sha256'])
        .orderBy('size_bytes')
        .execute(),
    );
    expect(stored).toEqual(rows);
  });

  test('text sorts by its bytes', async () => {
    const store = await storeWith(
      await open(),
      ['b', 'B', 'a', 'ä', 'a_1', 'a-1'].map((id) => model(id, 1)),
    );

    const rows = await store.read((db) => db.selectFrom('model').select('id').orderBy('id').execute());

    expect(rows.map(({ id }) => id)).toEqual(['B', 'a', 'a-1', 'a_1', 'b', 'ä']);
  });

  test.each([
    ['a boolean', true],
    ['undefined', undefined],
    ['a date', new Date(0)],
    ['an object', { a: 1 }],
    ['an array', [1]],
  ])('%s is refused as a parameter before it is sent', async (_name, value) => {
    const store = await open();

    const query = store.read((db) => sql`select ${value} as value`.execute(db));

    await expect(query).rejects.toThrow('cannot be a parameter');
  });

  test('more rows than one statement can hold are inserted in order', async () => {
    const rows = Array.from({ length: 3000 }, (_, index) => model(`m${index}`, index));
    const store = await storeWith(await open(), rows);

    const count = await store.read((db) =>
      db
        .selectFrom('model')
        .select(({ fn }) => fn.countAll().as('count'))
        .where(sql<boolean>`id = 'm' || size_bytes`)
        .executeTakeFirstOrThrow(),
    );

    expect(count).toEqual({ count: 3000 });
  });

  test('changed and deleted rows are counted', async () => {
    const store = await storeWith(await open(), [model('a', 1), model('b', 2)]);

    const counts = await store.write(async (tx) => {
      const updated = await tx.db.updateTable('model').set({ size_bytes: 3 }).executeTakeFirstOrThrow();
      const deleted = await tx.db.deleteFrom('model').where('id', '=', 'a').executeTakeFirstOrThrow();
      return [updated.numUpdatedRows, deleted.numDeletedRows];
    });

    expect(counts).toEqual([2n, 1n]);
  });
});
