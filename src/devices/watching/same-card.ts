/**
 * One device once: joins what the vendors' tools measure with what llama.cpp lists. The vendor's tool is believed in
 * everything it tells; the list adds the backends' names, and the cards that no tool has seen. Pure.
 */

import { readingOf } from '../device.ts';
import type { DeviceKind, DeviceReading } from '../device.ts';
import { backendOfName } from '../tools/llama-list.ts';
import type { ListedDevice } from '../tools/llama-list.ts';

/** A driver keeps a share for itself, so that two sources differ by a little. */
const TOLERANCE = 0.1;

export function joinListed(
  readings: readonly DeviceReading[],
  listed: readonly ListedDevice[],
): readonly DeviceReading[] {
  const unnamed: readonly DeviceReading[] = readings.map((reading) => ({ ...reading, backendNames: [] }));
  const joined = listed.reduce(addListed, unnamed);
  const taken = new Set(listed.map(({ name }) => name));
  // A card that llama.cpp lists has the names of the list; of another, the name that its tool's count suggests is a guess.
  return joined.map((reading, at) => {
    if (reading.backendNames.length > 0) return reading;
    return { ...reading, backendNames: (readings[at]?.backendNames ?? []).filter((name) => !taken.has(name)) };
  });
}

function addListed(readings: readonly DeviceReading[], device: ListedDevice): readonly DeviceReading[] {
  const [same] = readings
    .filter((reading) => maySame(reading, device))
    .toSorted((a, b) => Number(isNamesake(b, device)) - Number(isNamesake(a, device)));
  if (same === undefined) return [...readings, unseenCard(readings, device)];
  return readings.map((reading) => (reading === same ? withName(reading, device) : reading));
}

/** A card has one name per backend: the next of the same kind goes to the next card. */
function maySame(reading: DeviceReading, device: ListedDevice): boolean {
  if (reading.kind !== kindOf(device)) return false;
  if (reading.backendNames.some((name) => backendOfName(name) === device.backend)) return false;
  return reading.kind === 'apple' || Math.abs(reading.totalBytes - device.totalBytes) <= reading.totalBytes * TOLERANCE;
}

function isNamesake(reading: DeviceReading, { description }: ListedDevice): boolean {
  const [a, b] = [reading.name, description].map((name) => name.toLowerCase().replace(/nvidia|amd|\(.*\)|\s+/g, ''));
  return a === b;
}

/** What Metal may hold is what a Mac's card has; elsewhere the vendor's tool knows the total. */
function withName(reading: DeviceReading, { name, totalBytes }: ListedDevice): DeviceReading {
  const backendNames = [...reading.backendNames, name];
  return reading.kind === 'apple' ? { ...reading, backendNames, totalBytes } : { ...reading, backendNames };
}

const ID_PREFIX: Readonly<Record<DeviceKind, string>> = {
  cpu: 'cpu',
  nvidia: 'gpu',
  amd: 'amd',
  apple: 'apple',
  other: 'card',
  simulated: 'sim',
};

function unseenCard(readings: readonly DeviceReading[], device: ListedDevice): DeviceReading {
  const kind = kindOf(device);
  const index = readings.filter((reading) => reading.kind === kind).length;
  const { description, totalBytes, name } = device;
  return readingOf({
    id: `${ID_PREFIX[kind]}${index}`,
    kind,
    name: description,
    index,
    totalBytes,
    backendNames: [name],
  });
}

function kindOf({ backend, description }: ListedDevice): DeviceKind {
  if (backend === 'cuda' || /nvidia|geforce|quadro|tesla/i.test(description)) return 'nvidia';
  if (backend === 'rocm' || /\bamd\b|radeon|instinct/i.test(description)) return 'amd';
  return backend === 'metal' || /apple/i.test(description) ? 'apple' : 'other';
}
