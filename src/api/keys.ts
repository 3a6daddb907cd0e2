/**
 * The keys of the front door: made, checked, replaced and revoked. The store keeps them; every request is checked
 * against the copy here, so that what is revoked is void at once. When a key was used last is written down by and by.
 */

import { createHash, timingSafeEqual } from 'node:crypto';

import type { z } from 'zod';

import { AppError, subject } from '../contract/index.ts';
import type { CreatedKeyView, createKeyRequestSchema, KeyView } from '../contract/index.ts';
import { isoTime, randomToken } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import { insertKey, listKeys, noteKeyUses, replaceKeyHash, revokeKey } from '../store/index.ts';
import type { KeyRecord, Store } from '../store/index.ts';
import type { Credential } from './auth.ts';

/** A key is `drv_ID_SECRET`: the id may be shown, the whole may not. */
const KEY_PREFIX = 'drv_';
const ID_CHARS = 8;
/** 36^40: more than 200 bits. */
const SECRET_CHARS = 40;
const KEY_FORM = /^drv_([a-z0-9]{8})_[a-z0-9]{40}$/;

export interface KeyRing {
  /** What a text that a request has brought is. Takes the same time for every wrong key. */
  check(presented: string): Credential;
  /** True once a key has been made, also when it is void by now: what is closed does not open by itself. */
  any(): boolean;
  /** True when somebody could come in with one. */
  anyActive(): boolean;
  list(): readonly KeyView[];
  create(wanted: z.output<typeof createKeyRequestSchema>, by: string): Promise<CreatedKeyView>;
  /** The key gets a new text. Rejects with KEY_NOT_FOUND. */
  rotate(id: string, by: string): Promise<CreatedKeyView>;
  /** Rejects with KEY_NOT_FOUND. */
  revoke(id: string, by: string): Promise<KeyView>;
  /** Writes down when keys were used last. */
  noteUses(): Promise<void>;
}

interface KeyRingDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** It was revoked: what runs for it ends. */
  readonly onVoid: (id: string) => void;
}

export async function openKeyRing({ store, clock, onVoid }: KeyRingDeps): Promise<KeyRing> {
  const keys = new Map((await store.read(listKeys)).map((key) => [key.id, key]));
  const used = new Map<string, number>();
  /** Texts that were right, with the hash of the key whose text they are: one that is in use is hashed once. */
  const proven = new Map<string, string>();

  function keep(record: KeyRecord): KeyRecord {
    keys.set(record.id, record);
    proven.clear();
    return record;
  }

  function isRight(presented: string, key: KeyRecord | undefined): boolean {
    if (key !== undefined && proven.get(presented) === key.hash) return true;
    const matches = timingSafeEqual(digest(presented), key === undefined ? NO_KEY : Buffer.from(key.hash, 'hex'));
    if (key !== undefined && matches) proven.set(presented, key.hash);
    return matches;
  }

  function lastUsed(record: KeyRecord): KeyRecord {
    return { ...record, lastUsedAt: used.get(record.id) ?? record.lastUsedAt };
  }

  return {
    check(presented) {
      const id = KEY_FORM.exec(presented)?.[1];
      if (id === undefined) return presented.startsWith(KEY_PREFIX) ? UNKNOWN : { kind: 'foreign' };
      const key = keys.get(id);
      const matches = isRight(presented, key);
      if (key === undefined || !matches) return UNKNOWN;
      const state = stateOf(key, clock.now());
      if (state !== 'active') return { kind: 'void', why: state };
      used.set(id, clock.now());
      return { kind: 'key', key };
    },
    any: () => keys.size > 0,
    anyActive: () => [...keys.values()].some((key) => stateOf(key, clock.now()) === 'active'),
    list: () => [...keys.values()].map((key) => toView(lastUsed(key), clock.now())),
    async create({ name, expires_in_ms: lifeMs, ...terms }, by) {
      const id = randomToken(ID_CHARS);
      const text = newText(id);
      const made = await store.write(async (tx) => {
        tx.record({ type: 'key.created', subject: subject.key(id), data: { name, scopes: terms.scopes, by } });
        const expiresAt = lifeMs === null ? null : tx.now + lifeMs;
        return insertKey(tx, { id, name, hash: hashOf(text), ...terms, expiresAt });
      });
      return { ...toView(keep(made), clock.now()), key: text };
    },
    async rotate(id, by) {
      const text = newText(id);
      const changed = await store.write(async (tx) => {
        const record = await replaceKeyHash(tx, id, hashOf(text));
        if (record !== null) tx.record({ type: 'key.rotated', subject: subject.key(id), data: { by } });
        return record;
      });
      return { ...toView(lastUsed(keep(found(changed, id))), clock.now()), key: text };
    },
    async revoke(id, by) {
      const changed = await store.write(async (tx) => {
        const record = await revokeKey(tx, id);
        if (record !== null) tx.record({ type: 'key.revoked', subject: subject.key(id), data: { by } });
        return record;
      });
      const view = toView(lastUsed(keep(found(changed, id))), clock.now());
      onVoid(id);
      return view;
    },
    async noteUses() {
      if (used.size === 0) return;
      const noted = new Map(used);
      used.clear();
      for (const [id, at] of noted) keys.set(id, { ...found(keys.get(id) ?? null, id), lastUsedAt: at });
      await store.write((tx) => noteKeyUses(tx, noted));
    },
  };
}

const UNKNOWN: Credential = { kind: 'void', why: 'unknown' };
/** Of no key. */
const NO_KEY = Buffer.alloc(32);

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function hashOf(text: string): string {
  return digest(text).toString('hex');
}

function newText(id: string): string {
  return `${KEY_PREFIX}${id}_${randomToken(SECRET_CHARS)}`;
}

function found(key: KeyRecord | null, id: string): KeyRecord {
  if (key !== null) return key;
  throw new AppError('KEY_NOT_FOUND', `there is no key "${id}" that is not revoked`, { hint: 'run "drover key ls"' });
}

function stateOf({ revokedAt, expiresAt }: KeyRecord, now: number): KeyView['state'] {
  if (revokedAt !== null) return 'revoked';
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'active';
}

function toView(key: KeyRecord, now: number): KeyView {
  const time = (at: number | null): string | null => (at === null ? null : isoTime(at));
  const { id, name, scopes, models, rpm, tpm, concurrency } = key;
  return {
    id,
    name,
    scopes: [...scopes],
    models: models === null ? null : [...models],
    rpm,
    tpm,
    concurrency,
    state: stateOf(key, now),
    created_at: isoTime(key.createdAt),
    expires_at: time(key.expiresAt),
    revoked_at: time(key.revokedAt),
    last_used_at: time(key.lastUsedAt),
  };
}
