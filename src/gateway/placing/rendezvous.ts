/**
 * Which of several instances a key belongs to: the same answer everywhere and after every restart, and another one for
 * few keys only when an instance comes or goes (rendezvous hashing). Pure, and quick: it is asked for each instance.
 */

import { hashOf } from './text-hash.ts';

interface Home {
  readonly name: string;
  /** More slots draw more keys. */
  readonly slotsTotal: number;
}

/** Of the same instances always the same one; equals go by name. */
export function homeOf<T extends Home>(key: string, instances: readonly T[]): T | null {
  let home: T | null = null;
  let highest = Number.NEGATIVE_INFINITY;
  for (const instance of instances) {
    const score = homeScore(key, instance);
    if (score < highest || (score === highest && home !== null && instance.name >= home.name)) continue;
    home = instance;
    highest = score;
  }
  return home;
}

/** Among the same instances the highest one is the key's home. */
function homeScore(key: string, { name, slotsTotal }: Home): number {
  const unit = (spread(hashOf(key) ^ spread(hashOf(name))) + 0.5) / 2 ** 32;
  return Math.max(1, slotsTotal) / -Math.log(unit);
}

/** Every bit of the answer depends on every bit given. */
function spread(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
