/**
 * Which device a person means: by id, alias, UUID, the name llama.cpp uses, the card's name, or the beginning of its
 * UUID, in this order. The one rule for configs, launches and commands. Pure.
 */

import { didYouMean } from '../kernel/nearest.ts';
import type { DeviceReading } from './device.ts';

type NamedDevice = Pick<DeviceReading, 'id' | 'name' | 'uuid' | 'backendNames' | 'aliases'>;

type DeviceLookup<T extends NamedDevice> =
  | { readonly kind: 'found'; readonly device: T }
  /** None has the name, or several have. */
  | { readonly kind: 'unknown'; readonly message: string; readonly hint: string };

type Rule = (device: NamedDevice, name: string) => boolean;

/** The first rule that any device satisfies decides. */
const RULES: readonly Rule[] = [
  (device, name) => device.id === name,
  (device, name) => device.aliases.includes(name),
  (device, name) => equal(device.uuid, name),
  (device, name) => device.backendNames.some((backendName) => equal(backendName, name)),
  (device, name) => equal(device.name, name),
  (device, name) => name.length >= SHORTEST_PREFIX && beginsWith(device.uuid, name),
];

const SHORTEST_PREFIX = 4;

export function findDevice<T extends NamedDevice>(devices: readonly T[], name: string): DeviceLookup<T> {
  for (const rule of RULES) {
    const [device, ...others] = devices.filter((each) => rule(each, name));
    if (device === undefined) continue;
    return others.length === 0 ? { kind: 'found', device } : ambiguous(name, [device, ...others]);
  }
  const ids = devices.map(({ id }) => id);
  return {
    kind: 'unknown',
    message: `there is no device "${name}"; there are ${ids.join(', ') || 'none'}`,
    hint: didYouMean(name, devices.flatMap(namesOf)) ?? '"drover devices ls" shows what this host has',
  };
}

/** Devices with the aliases that the owner gave them (alias → any other name), and the aliases that mean nothing here. */
export function giveAliases(
  devices: readonly DeviceReading[],
  aliases: Readonly<Record<string, string>>,
): { readonly devices: readonly DeviceReading[]; readonly unused: readonly string[] } {
  const meant = Object.entries(aliases).map(([alias, name]) => {
    const found = findDevice(devices, name);
    return { alias, id: found.kind === 'found' ? found.device.id : null };
  });
  return {
    devices: devices.map((device) => {
      const own = meant.filter(({ id }) => id === device.id).map(({ alias }) => alias);
      return own.length === 0 ? device : { ...device, aliases: own };
    }),
    unused: meant.filter(({ id }) => id === null).map(({ alias }) => alias),
  };
}

/** The devices that any of the names means, and the names that mean none; null names mean all devices. */
export function offeredDevices<T extends NamedDevice>(
  devices: readonly T[],
  names: readonly string[] | null,
): { readonly devices: readonly T[]; readonly unused: readonly string[] } {
  if (names === null) return { devices, unused: [] };
  const lookups = names.map((name) => ({ name, lookup: findDevice(devices, name) }));
  const meant = lookups.flatMap(({ lookup }) => (lookup.kind === 'found' ? [lookup.device] : []));
  return {
    devices: devices.filter((device) => meant.includes(device)),
    unused: lookups.filter(({ lookup }) => lookup.kind === 'unknown').map(({ name }) => name),
  };
}

function ambiguous(name: string, devices: readonly NamedDevice[]): Extract<DeviceLookup<never>, { kind: 'unknown' }> {
  const ids = devices.map(({ id }) => id).join(' and ');
  return { kind: 'unknown', message: `"${name}" may be ${ids}`, hint: 'name it by its id or its whole UUID' };
}

function namesOf({ id, aliases, backendNames }: NamedDevice): readonly string[] {
  return [id, ...aliases, ...backendNames];
}

function equal(a: string | null, b: string): boolean {
  return a !== null && a.toLowerCase() === b.toLowerCase();
}

/** With or without the vendor's `GPU-` or `MIG-` before it. */
function beginsWith(uuid: string | null, start: string): boolean {
  if (uuid === null) return false;
  const [whole, beginning] = [uuid.toLowerCase(), start.toLowerCase()];
  return whole.startsWith(beginning) || whole.replace(/^(?:gpu|mig)-/, '').startsWith(beginning);
}
