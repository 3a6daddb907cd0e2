import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import {
  addArtifact,
  endDurableRequest,
  findByIdempotencyKey,
  findDurableRequest,
  forgetDurableRequests,
  insertDurableRequest,
  keptEvents,
  listArtifacts,
  listDurableRequests,
  listOpenRequests,
  listSessions,
  noteAnotherLife,
  noteTold,
  noteTurn,
  openSession,
  removeArtifact,
  setSessionBudget,
} from '../index.ts';
import type { DurableEnding, NewDurableRequest } from '../index.ts';

const request: NewDurableRequest = {
  id: 'req_1',
  owner: 'key:a',
  idempotencyKey: 'once',
  digest: 'aa',
  session: 's1',
  model: 'demo',
  ask: { model: 'demo', prompt: 'hello', priority: 'interactive', stream_retention: 'full' },
  face: { workload: 'completion', priority: 'interactive', seed: 7, maxTokens: 30, retention: 'full' },
  reservedTokens: 30,
  deadlineAt: null,
};
const done: DurableEnding = {
  ending: 'done',
  code: null,
  instance: 'alpha',
  tokensIn: 3,
  tokensOut: 4,
  events: [{ id: 1, event: 'queued', data: { position: 0, predicted_start_ms: null } }],
};
const TEN_MINUTES = 600_000;

describeStore('requests that survive the controller', (open) => {
  test('are open until they end, and then keep their stream and no prompt', async () => {
    const store = await open();
    const inserted = await store.write((tx) => insertDurableRequest(tx, request));
    await store.write((tx) => noteTold(tx, 'req_1'));
    await store.write((tx) => noteAnotherLife(tx, 'req_1'));

    expect(inserted).toMatchObject({ ...request, acceptedAt: open.clock.now(), lives: 0, told: false, end: null });
    expect(await store.read(listOpenRequests)).toMatchObject([{ id: 'req_1', lives: 1, told: true }]);
    expect(await store.write((tx) => endDurableRequest(tx, 'req_1', done))).toBe(true);
    expect(await store.write((tx) => endDurableRequest(tx, 'req_1', { ...done, ending: 'failed' }))).toBe(false);
    expect(await store.read(listOpenRequests)).toEqual([]);
    expect(await store.read((db) => findDurableRequest(db, 'req_1'))).toMatchObject({
      ask: null,
      end: { ending: 'done', instance: 'alpha', tokensIn: 3, tokensOut: 4 },
    });
    expect(await store.read((db) => keptEvents(db, 'req_1'))).toEqual(done.events);
  });

  test('are found by the key of their owner, and by no other', async () => {
    const store = await open();
    await store.write((tx) => insertDurableRequest(tx, request));
    await store.write((tx) => insertDurableRequest(tx, { ...request, id: 'req_2', owner: 'key:b' }));

    expect(await store.read((db) => findByIdempotencyKey(db, 'key:b', 'once'))).toMatchObject({ id: 'req_2' });
    expect(await store.read((db) => findByIdempotencyKey(db, 'key:c', 'once'))).toBeNull();
    const again = store.write((tx) => insertDurableRequest(tx, { ...request, id: 'req_3' }));
    await expect(again).rejects.toMatchObject({ code: 'STORE_FAILED' });
  });

  test('are listed for their owner, and forgotten some time after their end', async () => {
    const store = await open();
    await store.write((tx) => insertDurableRequest(tx, request));
    await open.clock.advance(10);
    await store.write((tx) => insertDurableRequest(tx, { ...request, id: 'req_2', owner: 'key:b', model: 'other' }));
    await store.write((tx) => endDurableRequest(tx, 'req_1', done));
    const ids = async (filter: object): Promise<readonly string[]> =>
      (await store.read((db) => listDurableRequests(db, { owner: null, limit: 9, ...filter }))).map(({ id }) => id);

    expect(await ids({})).toEqual(['req_2', 'req_1']);
    expect(await ids({ owner: 'key:a' })).toEqual(['req_1']);
    expect(await ids({ model: 'other' })).toEqual(['req_2']);
    await open.clock.advance(1_000);
    const before = open.clock.now();
    expect(await store.write((tx) => forgetDurableRequests(tx, { before, limit: 10 }))).toBe(1);
    expect(await ids({})).toEqual(['req_2']);
  });
});

describeStore('sessions', (open) => {
  const name = { owner: 'key:a', id: 's1' };

  test('are made when they are first asked for, and count their turns and what those hold back', async () => {
    const store = await open();
    await store.write((tx) => openSession(tx, name, TEN_MINUTES));
    await store.write((tx) => setSessionBudget(tx, name, { budgetTokens: 100 }));
    await store.write((tx) => insertDurableRequest(tx, request));
    await store.write((tx) => noteTurn(tx, name, { turns: 1, tokens: 0, ms: 0 }));
    const during = await store.write((tx) => openSession(tx, name, TEN_MINUTES));
    await store.write((tx) => endDurableRequest(tx, 'req_1', done));
    await store.write((tx) => noteTurn(tx, name, { turns: 0, tokens: 7, ms: 50 }));

    expect(during).toMatchObject({ turns: 1, openTurns: 1, reservedTokens: 30, budgetTokens: 100, budgetMs: null });
    expect(await store.read((db) => listSessions(db, { owner: null, usedAfter: 0 }))).toMatchObject([
      { turns: 1, openTurns: 0, reservedTokens: 0, tokensUsed: 7, msUsed: 50 },
    ]);
  });

  test('are others after ten minutes without use, unless a turn is open', async () => {
    const store = await open();
    await store.write((tx) => openSession(tx, name, TEN_MINUTES));
    await store.write((tx) => noteTurn(tx, name, { turns: 1, tokens: 9, ms: 0 }));
    await store.write((tx) => insertDurableRequest(tx, request));
    await open.clock.advance(TEN_MINUTES);
    const busy = await store.write((tx) => openSession(tx, name, TEN_MINUTES));
    await store.write((tx) => endDurableRequest(tx, 'req_1', done));

    const after = await store.write((tx) => openSession(tx, name, TEN_MINUTES));

    expect([busy.tokensUsed, after.tokensUsed]).toEqual([9, 0]);
    const usedAfter = open.clock.now();
    expect(await store.read((db) => listSessions(db, { owner: null, usedAfter }))).toEqual([]);
  });
});

describeStore('artifacts', (open) => {
  test('belong to each who brought them, once', async () => {
    const store = await open();
    const artifact = { owner: 'key:a', digest: 'aa', sizeBytes: 3, contentType: 'text/plain' };

    expect(await store.write((tx) => addArtifact(tx, artifact))).toBe(true);
    expect(await store.write((tx) => addArtifact(tx, artifact))).toBe(false);
    expect(await store.write((tx) => addArtifact(tx, { ...artifact, owner: 'key:b' }))).toBe(true);
    expect(await store.read((db) => listArtifacts(db, { owner: 'key:b' }))).toHaveLength(1);
    expect(await store.write((tx) => removeArtifact(tx, artifact))).toBe(1);
    expect(await store.write((tx) => removeArtifact(tx, { ...artifact, owner: 'key:b' }))).toBe(0);
  });
});
