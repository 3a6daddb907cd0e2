/**
 * The devices of this host: every source asked on a beat, their answers joined to one list, with the ledger's picture
 * beside what was measured. Decides nothing.
 */

import { createBus, createScope, every } from '../kernel/index.ts';
import type { DeviceReport } from '../contract/index.ts';
import type { Bus, Clock, Log } from '../kernel/index.ts';
import { countCores } from './cpu.ts';
import { withoutMeasurements } from './device.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';
import type { ListedDevice } from './llama-list.ts';
import { createLookout } from './lookout.ts';
import type { Source } from './lookout.ts';
import type { MemoryLedger } from './memory-ledger.ts';
import { giveAliases, offeredDevices } from './names.ts';
import { toReport } from './report.ts';
import { joinListed } from './same-card.ts';

export interface Devices extends AsyncDisposable {
  readonly ledger: MemoryLedger;
  /** Asks every source once, then on the beat. Resolves after the first answers. */
  start(): Promise<void>;
  /** Asks every source now. Never rejects: a source that fails keeps its devices, without their measurements. */
  refresh(): Promise<void>;
  /** The last observation of each device. */
  readings(): readonly DeviceReading[];
  /** For the agent link. */
  reports(): readonly DeviceReport[];
  /** After every beat, and when a slow source has answered. */
  readonly refreshed: Bus<readonly DeviceReport[]>;
}

export interface DeviceSources {
  readonly probes: readonly DeviceProbe[];
  /** What llama.cpp lists; null: nothing is asked, e.g. because the cards are simulated. */
  readonly listing: ((signal: AbortSignal) => Promise<readonly ListedDevice[]>) | null;
}

export interface DevicesDeps extends DeviceSources {
  readonly ledger: MemoryLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** Alias → any other name of a device. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** The only devices to tell of, by any of their names; null, the default: all. */
  readonly offered?: readonly string[] | null;
  /** Cores for cpu tasks; the default counts none as busy. */
  readonly taskSlots?: () => { readonly busy: number; readonly total: number };
  readonly beatMs?: number;
}

const BEAT_MS = 5_000;
/** After the last reservation is gone, cards are still watched: memory comes back, heat goes. */
const BUSY_FOR_MS = 60_000;

export function createDevices(deps: DevicesDeps): Devices {
  const { ledger, clock, log } = deps;
  const taskSlots = deps.taskSlots ?? (() => ({ busy: 0, total: countCores() }));
  const onError = (error: unknown): void => log.error({ error: String(error) }, 'device beat failed');
  const scope = createScope(onError);
  const refreshed = createBus<readonly DeviceReport[]>(onError);
  const around = { clock, log, signal: scope.signal };
  const probes = deps.probes.map((probe) =>
    createLookout({ ...probe, name: probe.kind, faded: withoutMeasurements }, around),
  );
  const listing = createLookout(listingSource(deps.listing), around);
  const owner = createOwnersWord(deps);
  let readings: readonly DeviceReading[] = [];
  let busyAt = Number.NEGATIVE_INFINITY;

  const reports = (): readonly DeviceReport[] =>
    readings.map((reading) => {
      const slots = reading.kind === 'cpu' ? taskSlots() : { busy: 0, total: 0 };
      return toReport(reading, ledger.picture(reading.id), slots);
    });

  const publish = (): void => {
    const seen = probes.flatMap((probe) => probe.latest());
    readings = owner.apply(joinListed(seen, listing.latest()));
    for (const reading of readings) ledger.observe(reading.id, reading);
    refreshed.publish(reports());
  };

  const isBusy = (): boolean => {
    if (ledger.reservations().some(({ device }) => device !== 'cpu')) busyAt = clock.monotonic();
    return clock.monotonic() - busyAt < BUSY_FOR_MS;
  };

  /** Waits for nobody: a tool that hangs must not delay what the others tell. */
  const beat = (): void => {
    const busy = isBusy();
    for (const lookout of [...probes, listing]) {
      const look = lookout.lookWhenDue(busy);
      if (look !== null) scope.run(() => look.then(publish));
    }
  };

  const refresh = async (): Promise<void> => {
    await Promise.all([...probes, listing].map((lookout) => lookout.look()));
    publish();
  };

  return {
    ledger,
    readings: () => readings,
    reports,
    refresh,
    refreshed,
    async start() {
      await refresh();
      scope.run(() => every(clock, deps.beatMs ?? BEAT_MS, scope.signal, beat, onError));
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
}

function listingSource(listing: DeviceSources['listing']): Source<ListedDevice> {
  const read = listing ?? (() => Promise.resolve([]));
  return { name: 'llama-server', pace: 'rare', read, faded: (device) => device };
}

/** What the owner of the machine says of its devices: how they are called, and which are offered. */
function createOwnersWord({ aliases = {}, offered = null, log }: DevicesDeps) {
  let told = '';
  const tell = (unused: readonly string[]): void => {
    if (unused.length > 0 && unused.join() !== told)
      log.warn({ names: unused }, 'settings name devices that are not here');
    told = unused.join();
  };
  return {
    apply(readings: readonly DeviceReading[]): readonly DeviceReading[] {
      const named = giveAliases(readings, aliases);
      const open = offeredDevices(named.devices, offered);
      tell([...named.unused, ...open.unused]);
      return open.devices;
    },
  };
}
