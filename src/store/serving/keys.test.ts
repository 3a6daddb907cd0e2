import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { insertKey, listKeys, noteKeyUses, replaceKeyHash, revokeKey } from '../index.ts';
import type { NewKey } from '../index.ts';

const key: NewKey = {
  id: 'k1',
  name: 'laptop',
  hash: 'aa',
  scopes: ['inference'],
  models: ['demo'],
  rpm: 60,
  tpm: null,
  concurrency: 2,
  expiresAt: 5_000,
};

describeStore('keys of the front door', (open) => {
  test('are kept as they were made, with the time of their last use', async () => {
    const store = await open();

    await store.write((tx) => insertKey(tx, key));
    await store.write((tx) => noteKeyUses(tx, new Map([['k1', 1_234]])));

    const found = await store.read(listKeys);
    expect(found).toEqual([{ ...key, createdAt: open.clock.now(), revokedAt: null, lastUsedAt: 1_234 }]);
  });

  test('one that is revoked stays in the list, keeps its time, and gets no new hash', async () => {
    const store = await open();
    await store.write((tx) => insertKey(tx, key));
    const first = await store.write((tx) => revokeKey(tx, 'k1'));
    await open.clock.advance(1_000);

    const again = await store.write((tx) => revokeKey(tx, 'k1'));
    const rotated = await store.write((tx) => replaceKeyHash(tx, 'k1', 'bb'));

    expect(again?.revokedAt).toBe(first?.revokedAt);
    expect(rotated).toBeNull();
    expect(await store.read(listKeys)).toMatchObject([{ id: 'k1', hash: 'aa' }]);
  });

  test('one that is not there is not found', async () => {
    const store = await open();

    expect(await store.write((tx) => revokeKey(tx, 'nobody'))).toBeNull();
    expect(await store.write((tx) => replaceKeyHash(tx, 'nobody', 'bb'))).toBeNull();
  });
});
