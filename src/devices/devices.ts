/** The devices of this host: probed on a beat, with the ledger's picture beside what was measured. Decides nothing. */

import type { DeviceReport } from '../contract/index.ts';
import { createBus, createScope, every } from '../kernel/index.ts';
import type { Bus, Clock, Log } from '../kernel/index.ts';
import { countCores } from './cpu.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';
import type { LedgerPicture, MemoryLedger } from './memory-ledger.ts';

export interface Devices extends AsyncDisposable {
  readonly ledger: MemoryLedger;
  /** Probes once, then on the beat. Resolves after the first probe. */
  start(): Promise<void>;
  /** Probes now. Never rejects: a probe that fails keeps its last readings. */
  refresh(): Promise<void>;
  /** The last observation of each device. */
  readings(): readonly DeviceReading[];
  /** For the agent link. */
  reports(): readonly DeviceReport[];
  /** After every probe. */
  readonly refreshed: Bus<readonly DeviceReport[]>;
}

export interface DevicesDeps {
  readonly ledger: MemoryLedger;
  readonly probes: readonly DeviceProbe[];
  readonly clock: Clock;
  readonly log: Log;
  /** Cores for cpu tasks; the default counts none as busy. */
  readonly taskSlots?: () => { readonly busy: number; readonly total: number };
  readonly beatMs?: number;
}

const BEAT_MS = 5_000;

export function createDevices(deps: DevicesDeps): Devices {
  const { ledger, clock, log } = deps;
  const taskSlots = deps.taskSlots ?? (() => ({ busy: 0, total: countCores() }));
  const onError = (error: unknown): void => log.error({ error: String(error) }, 'device beat failed');
  const scope = createScope(onError);
  const refreshed = createBus<readonly DeviceReport[]>(onError);
  const seen = new Map<DeviceProbe, readonly DeviceReading[]>();

  const readings = (): readonly DeviceReading[] => deps.probes.flatMap((probe) => seen.get(probe) ?? []);

  const reports = (): readonly DeviceReport[] =>
    readings().map((reading) => {
      const slots = reading.kind === 'cpu' ? taskSlots() : { busy: 0, total: 0 };
      return toReport(reading, ledger.picture(reading.id), slots);
    });

  const refreshOne = async (probe: DeviceProbe): Promise<void> => {
    try {
      const found = await probe.read(scope.signal);
      seen.set(probe, found);
      for (const reading of found) ledger.observe(reading.id, reading);
    } catch (error) {
      if (!scope.signal.aborted) log.warn({ kind: probe.kind, error: String(error) }, 'device probe failed');
    }
  };

  const refresh = async (): Promise<void> => {
    await Promise.all(deps.probes.map(refreshOne));
    refreshed.publish(reports());
  };

  return {
    ledger,
    readings,
    reports,
    refresh,
    refreshed,
    async start() {
      await refresh();
      scope.run(() => every(clock, deps.beatMs ?? BEAT_MS, scope.signal, refresh, onError));
    },
    [Symbol.asyncDispose]: () => scope.close(),
  };
}

function toReport(
  reading: DeviceReading,
  picture: LedgerPicture | null,
  taskSlots: DeviceReport['taskSlots'],
): DeviceReport {
  return {
    id: reading.id,
    kind: reading.kind,
    name: reading.name,
    uuid: reading.uuid,
    backendNames: [...reading.backendNames],
    aliases: [...reading.aliases],
    totalBytes: reading.totalBytes,
    reservedBytes: picture === null ? 0 : picture.instanceBytes + picture.taskBytes,
    observedBytes: reading.observedBytes,
    taskBudgetBytes: picture?.taskBudgetBytes ?? 0,
    temperatureC: reading.temperatureC,
    powerW: reading.powerW,
    powerLimitW: reading.powerLimitW,
    utilisationPercent: reading.utilisationPercent,
    taskSlots,
  };
}
