/** Devices that one more load of a model could go to some day, however full or hot they are now. Pure. */

import type { Loadable } from './situation.ts';

interface Place {
  readonly id: string;
  readonly isCpu: boolean;
  readonly totalBytes: number;
}

export function placesFor<P extends Place>({ devices, memoryBytes }: Loadable, all: readonly P[]): readonly P[] {
  const usesCards = all.some(({ isCpu }) => !isCpu);
  const mayHold = ({ id, isCpu }: P): boolean => (devices === null ? isCpu !== usesCards : devices.includes(id));
  return all.filter((place) => mayHold(place) && place.totalBytes >= memoryBytes);
}
