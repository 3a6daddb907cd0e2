/** What is decided about devices: kept, told to the host, ended in time, and a fact each. */

import { expect, test } from 'vitest';

import { describeStore } from '../../../test/support/describe-store.ts';
import { listEscalations, listFacts, listLearnedMemory, saveLearnedMemory } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createDevicePolicies, quarantine } from './device-policies.ts';

const PLACE = { host: 'attic', device: 'gpu0' };
const reserved = (until: number | null) => ({ kind: 'reserved' as const, reason: 'a game', until });

async function factsOf(store: Store): Promise<unknown[]> {
  const all = await store.read((db) => listFacts(db, { limit: 100 }));
  return all.map(({ type, subject, data }) => [type, subject, data]);
}

describeStore('device policies', (open) => {
  async function policiesOf(store: Store) {
    const told: string[] = [];
    const onError = (error: unknown): void => void told.push(String(error));
    const policies = createDevicePolicies({ store, clock: open.clock, onChange: (host) => told.push(host), onError });
    await policies.recall();
    return { policies, told };
  }

  test('roles and holds are kept over a restart, and the host is told of each change', async () => {
    const store = await open();
    const first = await policiesOf(store);
    await first.policies.setRoles(PLACE, ['tasks']);
    await first.policies.hold(PLACE, quarantine('it leaks'), 'agent');
    await first.policies.setRoles({ host: 'cellar', device: 'cpu' }, []);

    const { policies } = await policiesOf(store);

    expect(first.told).toEqual(['attic', 'attic', 'cellar']);
    expect(policies.of('attic')).toEqual([{ device: 'gpu0', roles: ['tasks'], hold: quarantine('it leaks') }]);
    expect(policies.of('cellar')).toEqual([{ device: 'cpu', roles: [], hold: null }]);
    expect(await factsOf(store)).toEqual([
      ['device.roles_set', 'device:attic/gpu0', { roles: ['tasks'] }],
      ['escalation.opened', 'escalation:1', expect.objectContaining({ kind: 'device' })],
      ['device.held', 'device:attic/gpu0', { kind: 'quarantined', reason: 'it leaks', until: null, by: 'agent' }],
      ['device.roles_set', 'device:cellar/cpu', { roles: [] }],
    ]);
  });

  test('what is decided at the same moment is decided one after the other, and nothing of it is lost', async () => {
    const store = await open();
    const { policies } = await policiesOf(store);

    await Promise.all([
      policies.hold(PLACE, quarantine('it leaks'), 'agent'),
      policies.hold(PLACE, reserved(null), 'operator'),
      policies.setRoles(PLACE, ['tasks']),
    ]);

    const decided = [{ device: 'gpu0', roles: ['tasks'], hold: quarantine('it leaks') }];
    expect(policies.of('attic')).toEqual(decided);
    expect((await policiesOf(store)).policies.of('attic')).toEqual(decided);
  });

  test('a reservation ends when its time is up, also when nobody ran then', async () => {
    const store = await open();
    const { policies } = await policiesOf(store);
    await policies.hold(PLACE, reserved(open.clock.now() + 60_000), 'operator');
    await open.clock.advance(59_000);
    const before = policies.holdOf(PLACE);
    policies[Symbol.dispose]();
    await open.clock.advance(60_000);

    const again = await policiesOf(store);
    await open.clock.advance(0);
    await store.write(async () => {});
    await open.clock.advance(0);

    expect(before).not.toBeNull();
    expect(again.policies.holdOf(PLACE)).toBeNull();
    expect((await factsOf(store)).at(-1)).toEqual(['device.released', 'device:attic/gpu0', { kind: 'reserved' }]);
  });

  test('a quarantine is not told twice, nor softened by a reservation; only a release ends it', async () => {
    const store = await open();
    const { policies } = await policiesOf(store);
    await policies.hold(PLACE, quarantine('first'), 'agent');
    await policies.hold(PLACE, quarantine('second'), 'agent');
    await policies.hold(PLACE, reserved(null), 'operator');
    const held = policies.holdOf(PLACE);

    await policies.release(PLACE);

    expect(held).toEqual(quarantine('first'));
    expect((await factsOf(store)).map((fact) => (fact as string[])[0])).toEqual([
      'escalation.opened',
      'device.held',
      'escalation.withdrawn',
      'device.released',
    ]);
    expect(await store.read((db) => listEscalations(db, { openOnly: true }))).toEqual([]);
    await expect(policies.release(PLACE)).rejects.toMatchObject({ code: 'INVALID_REQUEST' });
  });

  test('what was learned of a step is kept, the newest in place of the old', async () => {
    const store = await open();
    const learned = { plan: 'p', step: 's', peaks: [1, 2, 3] };
    await store.write((tx) => saveLearnedMemory(tx, learned));
    await store.write((tx) => saveLearnedMemory(tx, { ...learned, peaks: [4] }));

    expect(await store.read(listLearnedMemory)).toEqual([{ ...learned, peaks: [4] }]);
  });
});
