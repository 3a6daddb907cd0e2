/** The cards of a simulated rig, as a text describes them. Pure. */

import { AppError } from '../../contract/index.ts';

export interface RigCard {
  readonly name: string;
  readonly totalBytes: number;
  /** Temperature of the room the card stands in: in a hot one it becomes too hot for new tasks. */
  readonly roomC: number;
}

const MIB = 1024 * 1024;
const ROOM_C = 24;
const PART = /^\s*(\d{1,4})x(\d{1,9})(?::([^@,]+))?(?:@(\d{1,2}))?\s*$/;

/** Reads `COUNTxMIB[:NAME][@ROOM_C][,…]`; throws CONFIG_INVALID for anything else. */
export function parseRig(text: string): readonly RigCard[] {
  return text.split(',').flatMap((part) => {
    const [whole, count, mebibytes, name, room] = PART.exec(part) ?? [];
    if (whole === undefined || mebibytes === undefined) {
      throw new AppError('CONFIG_INVALID', `DROVER_SIMULATE_RIG="${text}" is no rig`, {
        hint: 'write COUNTxMIB, e.g. 5x6144 for five cards of 6 GiB, or 2x6144:GTX 1660,1x24576:RTX 3090@38',
      });
    }
    const card: RigCard = {
      name: name?.trim() ?? `Simulated GPU ${mebibytes} MiB`,
      totalBytes: Number(mebibytes) * MIB,
      roomC: Number(room ?? ROOM_C),
    };
    return Array.from({ length: Number(count) }, () => card);
  });
}
