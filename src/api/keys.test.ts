import { createHash } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { describeStore } from '../../test/support/describe-store.ts';
import { createKeyRequestSchema } from '../contract/index.ts';
import { listFacts, listKeys } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { presentedKey } from '../gateway/index.ts';
import { openKeyRing } from './keys.ts';

describeStore('the ring of keys', (open) => {
  const wanted = createKeyRequestSchema.parse({ name: 'laptop' });

  async function ring(store: Store, revoked: string[] = []) {
    return openKeyRing({ store, clock: open.clock, onVoid: (id) => void revoked.push(id) });
  }

  test('a key is shown once; the store has its SHA-256 and no fact has more than its name', async () => {
    const store = await open();
    const keys = await ring(store);

    const made = await keys.create(wanted, 'operator');

    const [row] = await store.read(listKeys);
    const facts = JSON.stringify(await store.read((db) => listFacts(db, { limit: 10 })));
    expect(row?.hash).toBe(createHash('sha256').update(made.key).digest('hex'));
    expect(JSON.stringify([row, keys.list(), facts])).not.toContain(made.key.slice(13));
    expect(facts).toContain('"by":"operator"');
  });

  test('what was made is known, also after a restart; everything else of its form is void', async () => {
    const store = await open();
    const made = await (await ring(store)).create(wanted, 'operator');

    const keys = await ring(store);

    expect(keys.check(made.key)).toMatchObject({ kind: 'key', key: { id: made.id, scopes: ['inference'] } });
    expect(keys.check(`${made.key.slice(0, -1)}${made.key.endsWith('a') ? 'b' : 'a'}`)).toMatchObject({ kind: 'void' });
    expect(keys.check(`drv_zzzzzzzz_${'a'.repeat(40)}`)).toEqual({ kind: 'void', why: 'unknown' });
    expect(keys.check('drv_')).toEqual({ kind: 'void', why: 'unknown' });
    expect(keys.check('sk-anything')).toEqual({ kind: 'foreign' });
  });

  test('a revoked key is void at once, and what runs for it is told', async () => {
    const revoked: string[] = [];
    const keys = await ring(await open(), revoked);
    const made = await keys.create(wanted, 'operator');

    await keys.revoke(made.id, 'operator');

    expect(keys.check(made.key)).toEqual({ kind: 'void', why: 'revoked' });
    expect(revoked).toEqual([made.id]);
    expect([keys.any(), keys.anyActive()]).toEqual([true, false]);
    await expect(keys.rotate(made.id, 'operator')).rejects.toMatchObject({ code: 'KEY_NOT_FOUND' });
  });

  test('a rotated key has a new text, and the old one is void', async () => {
    const keys = await ring(await open());
    const made = await keys.create(wanted, 'operator');

    const rotated = await keys.rotate(made.id, 'operator');

    expect(rotated).toMatchObject({ id: made.id, name: 'laptop' });
    expect(keys.check(made.key)).toMatchObject({ kind: 'void' });
    expect(keys.check(rotated.key)).toMatchObject({ kind: 'key' });
  });

  test('a key ends by itself at its time', async () => {
    const keys = await ring(await open());
    const made = await keys.create({ ...wanted, expires_in_ms: 60_000 }, 'operator');
    await open.clock.advance(60_001);

    expect(keys.check(made.key)).toEqual({ kind: 'void', why: 'expired' });
    expect(keys.list()).toMatchObject([{ state: 'expired' }]);
  });

  test('the last use is shown at once and written down later', async () => {
    const store = await open();
    const keys = await ring(store);
    const made = await keys.create(wanted, 'operator');
    keys.check(made.key);

    expect(keys.list()[0]?.last_used_at).not.toBeNull();
    expect((await store.read(listKeys))[0]?.lastUsedAt).toBeNull();
    await keys.noteUses();
    expect((await store.read(listKeys))[0]?.lastUsedAt).toBe(open.clock.now());
  });
});

describe('the key of a request', () => {
  test.each([
    ['a bearer', { authorization: 'Bearer abc' }, 'abc'],
    ['Anthropic', { 'x-api-key': 'abc' }, 'abc'],
    ['Azure', { 'api-key': 'abc' }, 'abc'],
    ['a login', { authorization: 'Basic abc' }, null],
    ['nothing', {}, null],
  ])('%s', (_title, headers, key) => {
    expect(presentedKey(headers)).toBe(key);
  });
});
