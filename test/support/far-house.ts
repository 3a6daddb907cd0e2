/** Two machines and a real ssh between them: the rig, and the desk at which a person sits. Needs `hasSshd()`. */

import { openHouse, ROOT } from './house.ts';
import type { House } from './house.ts';
import { startSshd } from './sshd.ts';
import type { Sshd } from './sshd.ts';

export interface FarHouse extends AsyncDisposable {
  readonly sshd: Sshd;
  readonly rig: House;
  readonly desk: House;
  /** What the desk calls the rig. */
  readonly host: string;
}

export async function openFarHouse(): Promise<FarHouse> {
  const sshd = await startSshd();
  const rig = await openHouse();
  const desk = await openHouse({ DROVER_SSH: sshd.client });
  await rig.drover('config', 'set', 'port', String(rig.port));
  return {
    sshd,
    rig,
    desk,
    host: `ssh://rig${ROOT}/bin/drover.js?home=${encodeURIComponent(rig.home)}`,
    async [Symbol.asyncDispose]() {
      await desk[Symbol.asyncDispose]();
      await rig[Symbol.asyncDispose]();
      await sshd[Symbol.asyncDispose]();
    },
  };
}
