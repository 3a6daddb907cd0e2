/** The devices that each host told of last. What is true now is the agents' to tell. */

import type { DeviceReport } from '../../contract/index.ts';
import { insertMany } from '../commit/insert-many.ts';
import { decodeJson, encodeJson } from '../codec.ts';
import type { Db } from '../schema.ts';
import type { Tx } from '../store.ts';

export interface RememberedDevices {
  readonly host: string;
  readonly devices: readonly DeviceReport[];
  readonly seenAt: number;
}

/** Replaces all that was known of the host. */
export async function rememberDevices(tx: Tx, host: string, devices: readonly DeviceReport[]): Promise<void> {
  await tx.db.deleteFrom('device').where('host', '=', host).execute();
  const rows = devices.map((device, position) => ({ host, position, report: encodeJson(device), seen_at: tx.now }));
  await insertMany(tx, 'device', rows);
}

/** By host, devices in the order in which it told them. */
export async function listRememberedDevices(db: Db): Promise<readonly RememberedDevices[]> {
  const rows = await db.selectFrom('device').selectAll().orderBy('host').orderBy('position').execute();
  const hosts = [...new Set(rows.map(({ host }) => host))];
  return hosts.map((host) => {
    const own = rows.filter((row) => row.host === host);
    const devices = own.map(({ report }) => decodeJson<DeviceReport>(report));
    return { host, devices, seenAt: own[0]?.seen_at ?? 0 };
  });
}
