/** Which devices share their way to the host, so that two loads at once only slow each other down. Pure. */

import type { DeviceReading } from '../device.ts';

type Way = Pick<DeviceReading, 'id' | 'kind' | 'pcieWidth'>;

/** Lanes of a link that leads through the chipset or a riser, which all such cards share. */
const NARROW_LANES = 4;
/** A card that loads more slowly waits for a disk or a narrow link, not for its own. */
const SLOW_BYTES_PER_SECOND = 2e9;

/** `shared` for all whose way is narrow, slow or unknown; else the device is a group of its own. */
export function loadGroupOf({ id, kind, pcieWidth }: Way, loadRate: number | null): string {
  if (kind === 'cpu' || kind === 'apple') return id;
  if (loadRate !== null && loadRate < SLOW_BYTES_PER_SECOND) return 'shared';
  return pcieWidth !== null && pcieWidth > NARROW_LANES ? id : 'shared';
}
