/**
 * The devices of this host: every source asked on a beat, their answers joined to one list, with the ledger's picture
 * beside what was measured. Decides nothing.
 */

import type { DevicePolicy, DeviceReport, DeviceRole } from '../contract/index.ts';
import { createBus, createScope, every } from '../kernel/index.ts';
import type { Bus, Clock, Log } from '../kernel/index.ts';
import { countCores } from './cpu.ts';
import type { CardUse, DeviceProbe, DeviceReading } from './device.ts';
import type { MemoryLedger } from './ledger/memory-ledger.ts';
import type { DeviceTerms } from './ledger/standing.ts';
import type { ListedDevice } from './tools/llama-list.ts';
import { loadGroupOf } from './watching/load-groups.ts';
import { createLookout } from './watching/lookout.ts';
import type { Source } from './watching/lookout.ts';
import { createOwnersWord } from './watching/owners-word.ts';
import type { OwnersWord } from './watching/owners-word.ts';
import { isLost, isUnsure, notePresence } from './watching/presence.ts';
import type { SeenDevice } from './watching/presence.ts';
import { toReport } from './watching/report.ts';
import { joinListed } from './watching/same-card.ts';

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
  /** All that was decided about the devices of this host; replaces what was decided before. */
  applyPolicies(policies: readonly DevicePolicy[]): void;
  /** This host's own doubt: the device takes nothing new until the policies have spoken. */
  distrust(device: string, reason: string): void;
  /** Doubts that no policy confirms yet. */
  distrusted(): ReadonlyMap<string, string>;
  /** Memory that these processes hold on a card; null: nothing measures it. Told to the ledger, too. */
  usedBy(use: CardUse): number | null;
  /** In use on a card by nobody that lives and is not `ours`; null: nothing measures it. */
  unexplainedBytes(device: string, isOurs: (pid: number) => boolean): number | null;
  /** A model went into the device at this pace. */
  noteLoad(device: string, bytesPerSecond: number): void;
  /** After every beat, and when a slow source has answered. */
  readonly refreshed: Bus<readonly DeviceReport[]>;
}

export interface DeviceSources {
  readonly probes: readonly DeviceProbe[];
  /** What llama.cpp lists; null: nothing is asked, e.g. because the cards are simulated. */
  readonly listing: ((signal: AbortSignal) => Promise<readonly ListedDevice[]>) | null;
}

export interface DevicesDeps extends DeviceSources, OwnersWord {
  readonly ledger: MemoryLedger;
  readonly clock: Clock;
  readonly log: Log;
  /** Places for cpu tasks of a device; the default counts none as busy. */
  readonly taskSlots?: (device: DeviceReading) => { readonly busy: number; readonly total: number };
  readonly beatMs?: number;
}

const BEAT_MS = 5_000;
/** After the last reservation is gone, cards are still watched: memory comes back, heat goes. */
const BUSY_FOR_MS = 60_000;

export function createDevices(deps: DevicesDeps): Devices {
  const { ledger, clock, log } = deps;
  const taskSlots = deps.taskSlots ?? (({ kind }) => ({ busy: 0, total: kind === 'cpu' ? countCores() : 0 }));
  const onError = (error: unknown): void => log.error({ error: String(error) }, 'device beat failed');
  const scope = createScope(onError);
  const refreshed = createBus<readonly DeviceReport[]>(onError);
  const around = { clock, log, signal: scope.signal };
  const probes = deps.probes.map((probe) => createLookout(presenceSource(probe), around));
  const listing = createLookout(listingSource(deps.listing), around);
  const owner = createOwnersWord(deps, log);
  const loadRates = new Map<string, number>();
  const doubts = new Map<string, string>();
  let policies: ReadonlyMap<string, DevicePolicy> = new Map();
  let readings: readonly DeviceReading[] = [];
  let busyAt = Number.NEGATIVE_INFINITY;

  const reports = (): readonly DeviceReport[] =>
    readings.map((reading) => {
      const loadRate = loadRates.get(reading.id) ?? null;
      const rest = { taskSlots: taskSlots(reading), loadRate, loadGroup: loadGroupOf(reading, loadRate) };
      return toReport(reading, ledger.picture(reading.id), rest);
    });

  const termsOf = (id: string, usual: readonly DeviceRole[], lost: boolean): DeviceTerms => {
    const policy = policies.get(id);
    const doubt = doubts.get(id);
    const hold = doubt === undefined ? null : { kind: 'quarantined' as const, reason: doubt };
    return { roles: policy?.roles ?? usual, hold: policy?.hold ?? hold, lost: lost ? LOST : null };
  };

  const publish = (): void => {
    const seen = probes.flatMap((probe) => probe.latest());
    const lost = new Set(seen.filter(isLost).map(({ reading }) => reading.id));
    const joined = joinListed(
      seen.map(({ reading }) => reading),
      listing.latest(),
    );
    const spoken = owner.apply(joined);
    readings = spoken.readings;
    for (const reading of readings) {
      const terms = termsOf(reading.id, spoken.rolesOf(reading.id), lost.has(reading.id));
      ledger.observe(reading.id, { ...reading, terms });
    }
    refreshed.publish(reports());
  };

  const probeOf = (device: string): DeviceProbe | undefined => {
    const kind = readings.find(({ id }) => id === device)?.kind;
    return deps.probes.find((probe) => probe.kind === kind);
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
    applyPolicies(told) {
      policies = new Map(told.map((policy) => [policy.device, policy]));
      doubts.clear();
      publish();
    },
    distrust(device, reason) {
      doubts.set(device, reason);
      publish();
    },
    distrusted: () => doubts,
    unexplainedBytes(device, isOurs) {
      const listed = probeOf(device)?.processesOn?.(device) ?? null;
      const observed = readings.find(({ id }) => id === device)?.observedBytes ?? null;
      if (listed === null || observed === null) return ledger.picture(device)?.strangersBytes ?? null;
      return observed - [...listed].reduce((sum, [pid, bytes]) => sum + (isOurs(pid) ? 0 : bytes), 0);
    },
    usedBy(use) {
      const bytes = probeOf(use.device)?.usedBy?.(use) ?? null;
      if (bytes !== null) ledger.noteUse(use.owner, bytes);
      return bytes;
    },
    noteLoad(device, bytesPerSecond) {
      // What loads "into" a simulated card is read by the CPU.
      const isReal = readings.some(({ id, kind }) => id === device && kind !== 'simulated');
      if (isReal) loadRates.set(device, bytesPerSecond);
    },
    async start() {
      await refresh();
      scope.run(() => every(clock, deps.beatMs ?? BEAT_MS, scope.signal, beat, onError));
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
}

const LOST = 'its driver does not answer for it any more';

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
