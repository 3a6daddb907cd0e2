/** Every source of this host's devices, each asked in its own time, and their last answers joined to one list. */

import type { DeviceProbe, DeviceReading } from '../device.ts';
import type { ListedDevice } from '../tools/llama-list.ts';
import { createLookout } from './lookout.ts';
import type { LookoutDeps, Source } from './lookout.ts';
import { isLost, isUnsure, notePresence } from './presence.ts';
import type { SeenDevice } from './presence.ts';
import { joinListed } from './same-card.ts';

export interface DeviceSources {
  readonly probes: readonly DeviceProbe[];
  /** What llama.cpp lists; null: nothing is asked, e.g. because the cards are simulated. */
  readonly listing: ((signal: AbortSignal) => Promise<readonly ListedDevice[]>) | null;
}

interface Surroundings {
  readonly devices: readonly DeviceReading[];
  /** Ids of devices whose driver answers for them no more. */
  readonly lost: ReadonlySet<string>;
}

interface LookAround {
  latest(): Surroundings;
  /** Asks every source now. Never rejects. */
  look(): Promise<void>;
  /** Looks that begin now, given whether work is on the cards; each may be told of as soon as it ends. */
  lookWhenDue(busy: boolean): readonly Promise<void>[];
}

export function createLookAround(sources: DeviceSources, deps: LookoutDeps): LookAround {
  const probes = sources.probes.map((probe) => createLookout(presenceSource(probe), deps));
  const listing = createLookout(listingSource(sources.listing), deps);
  const lookouts = [...probes, listing];
  return {
    latest() {
      const seen = probes.flatMap((probe) => probe.latest());
      const readings = seen.map(({ reading }) => reading);
      return {
        devices: joinListed(readings, listing.latest()),
        lost: new Set(seen.filter(isLost).map(({ reading }) => reading.id)),
      };
    },
    async look() {
      await Promise.all(lookouts.map((lookout) => lookout.look()));
    },
    lookWhenDue: (busy) => lookouts.flatMap((lookout) => lookout.lookWhenDue(busy) ?? []),
  };
}

function presenceSource(probe: DeviceProbe): Source<DeviceReading, SeenDevice> {
  const { kind, pace } = probe;
  return { name: kind, pace, read: (signal) => probe.read(signal), note: notePresence, isUnsure };
}

function listingSource(listing: DeviceSources['listing']): Source<ListedDevice, ListedDevice> {
  const read = listing ?? (() => Promise.resolve([]));
  return {
    name: 'llama-server',
    pace: 'rare',
    read,
    note: (before, answer) => answer ?? before,
    isUnsure: () => false,
  };
}
