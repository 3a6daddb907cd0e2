/**
 * The devices of this host: every source asked on a beat, their answers joined to one list, with the ledger's picture
 * beside what was measured. Decides nothing.
 */

import type { DevicePolicy, DeviceReport } from '../contract/index.ts';
import { createBus, createScope, every } from '../kernel/index.ts';
import type { Bus, Clock, Log } from '../kernel/index.ts';
import { countCores } from './cpu.ts';
import type { CardUse, DeviceProbe, DeviceReading } from './device.ts';
import type { MemoryLedger } from './ledger/memory-ledger.ts';
import { createDecided } from './watching/decided.ts';
import { loadGroupOf } from './watching/load-groups.ts';
import { createLookAround } from './watching/look-around.ts';
import type { DeviceSources } from './watching/look-around.ts';
import { createOwnersWord } from './watching/owners-word.ts';
import type { OwnersWord } from './watching/owners-word.ts';
import { toReport } from './watching/report.ts';

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
  const lookAround = createLookAround(deps, { clock, log, signal: scope.signal });
  const owner = createOwnersWord(deps, log);
  const loadRates = new Map<string, number>();
  const decided = createDecided();
  let readings: readonly DeviceReading[] = [];
  let busyAt = Number.NEGATIVE_INFINITY;

  const reports = (): readonly DeviceReport[] =>
    readings.map((reading) => {
      const loadRate = loadRates.get(reading.id) ?? null;
      const rest = { taskSlots: taskSlots(reading), loadRate, loadGroup: loadGroupOf(reading, loadRate) };
      return toReport(reading, ledger.picture(reading.id), rest);
    });

  const publish = (): void => {
    const { devices, lost } = lookAround.latest();
    const spoken = owner.apply(devices);
    readings = spoken.readings;
    for (const reading of readings) {
      const { id } = reading;
      const terms = decided.termsOf(id, { roles: spoken.rolesOf(id), isLost: lost.has(id) });
      ledger.observe(id, { ...reading, terms });
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
    for (const look of lookAround.lookWhenDue(isBusy())) scope.run(() => look.then(publish));
  };

  const refresh = async (): Promise<void> => {
    await lookAround.look();
    publish();
  };

  return {
    ledger,
    readings: () => readings,
    reports,
    refresh,
    refreshed,
    applyPolicies(told) {
      decided.apply(told);
      publish();
    },
    distrust(device, reason) {
      decided.distrust(device, reason);
      publish();
    },
    distrusted: () => decided.doubts(),
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
