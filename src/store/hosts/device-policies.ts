/** What was decided about devices: the work they take, and what keeps work from them. A row only where something was. */

import type { DeviceHold, DevicePolicy, DeviceRole } from '../../contract/index.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db, Row } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface HostDevicePolicy extends DevicePolicy {
  readonly host: string;
}

type Place = Pick<HostDevicePolicy, 'host' | 'device'>;

export async function listDevicePolicies(db: Db): Promise<readonly HostDevicePolicy[]> {
  const rows = await db.selectFrom('device_policy').selectAll().orderBy('host').orderBy('device').execute();
  return rows.map(toPolicy);
}

/** Null: as the settings of the host say. */
export async function setDeviceRoles(tx: Tx, at: Place, roles: readonly DeviceRole[] | null): Promise<void> {
  await put(tx, at, { roles: roles === null ? null : encodeJson(roles) });
}

/** Replaces an earlier hold; null ends it. */
export async function setDeviceHold(tx: Tx, at: Place, hold: DeviceHold | null): Promise<void> {
  await put(tx, at, {
    hold_kind: hold?.kind ?? null,
    hold_reason: hold?.reason ?? null,
    hold_until: hold?.until ?? null,
  });
}

async function put(tx: Tx, { host, device }: Place, change: Partial<Row<'device_policy'>>): Promise<void> {
  await tx.db
    .insertInto('device_policy')
    .values({ host, device, ...change })
    .onConflict((conflict) => conflict.columns(['host', 'device']).doUpdateSet(change))
    .execute();
}

function toPolicy(row: Row<'device_policy'>): HostDevicePolicy {
  const { host, device, roles, hold_kind: kind, hold_reason: reason, hold_until: until } = row;
  return {
    host,
    device,
    roles: roles === null ? null : decodeJson<DeviceRole[]>(roles),
    hold: kind === null ? null : { kind, reason: reason ?? '', until },
  };
}
