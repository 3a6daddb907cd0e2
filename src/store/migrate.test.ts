import { expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { readSchemaVersion } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';

const newest = MIGRATIONS.length;

test('migrations are numbered from 1 without gaps', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_, index) => index + 1));
});

describeStore('migrations', (open) => {
  test('opening again changes nothing', async () => {
    const first = await open();
    await first.write((tx) => tx.db.insertInto('meta').values({ key: 'k', value: 'kept' }).execute());
    await first.close();

    const second = await open();

    expect(await second.read(readSchemaVersion)).toBe(newest);
    const row = await second.read((db) => db.selectFrom('meta').selectAll().where('key', '=', 'k').executeTakeFirst());
    expect(row).toEqual({ key: 'k', value: 'kept' });
  });

  test('a database of a newer version is refused with what to do', async () => {
    const store = await open();
    await store.write((tx) =>
      tx.db.updateTable('meta').set({ value: '999' }).where('key', '=', 'schema_version').execute(),
    );
    await store.close();

    await expect(open()).rejects.toMatchObject({
      code: 'STORE_FAILED',
      message: expect.stringContaining(`has schema 999; this Drover knows schema ${newest}`),
      hint: expect.stringContaining('newer Drover'),
    });
  });
});
