/**
 * What was decided about devices, and the one place that changes it: store and fact first, then the host is told. One
 * change of a device after the other. Ends reservations when their time is up.
 */

import { reportDistrust, withdrawDistrust } from '../../brain/index.ts';
import { AppError, subject } from '../../contract/index.ts';
import type { DeviceHold, DevicePolicy, DeviceRole, FactData } from '../../contract/index.ts';
import { createTurns } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { listDevicePolicies, setDeviceHold, setDeviceRoles } from '../../store/index.ts';
import type { HostDevicePolicy, Store } from '../../store/index.ts';

export interface DevicePlace {
  readonly host: string;
  readonly device: string;
}

type HeldBy = FactData['device.held']['by'];

export interface DevicePolicies extends Disposable {
  /** Reads what is stored; what was to end meanwhile ends. Once, before all else. */
  recall(): Promise<void>;
  of(host: string): readonly DevicePolicy[];
  holdOf(place: DevicePlace): DeviceHold | null;
  /** Null: as the settings of its host say. */
  setRoles(place: DevicePlace, roles: readonly DeviceRole[] | null): Promise<void>;
  /** A quarantine is not replaced by a reservation, nor told twice. */
  hold(place: DevicePlace, hold: DeviceHold, by: HeldBy): Promise<void>;
  /** Rejects with INVALID_REQUEST when nothing holds it. */
  release(place: DevicePlace): Promise<void>;
}

/** Until somebody releases it. */
export function quarantine(reason: string): DeviceHold {
  return { kind: 'quarantined', reason, until: null };
}

interface DevicePoliciesDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** Called after each change, when it is stored. */
  readonly onChange: (host: string) => void;
  readonly onError: (error: unknown) => void;
}

export function createDevicePolicies(deps: DevicePoliciesDeps): DevicePolicies {
  const { store, clock } = deps;
  const policies = new Map<string, HostDevicePolicy>();
  const timers = new Map<string, Disposable>();
  const inTurn = createTurns();
  const keyOf = ({ host, device }: DevicePlace): string => `${host}/${device}`;
  const at = (place: DevicePlace): HostDevicePolicy =>
    policies.get(keyOf(place)) ?? { ...place, roles: null, hold: null };

  const keep = (policy: HostDevicePolicy): void => {
    const key = keyOf(policy);
    policies.set(key, policy);
    timers.get(key)?.[Symbol.dispose]();
    const until = policy.hold?.until ?? null;
    if (until === null) return void timers.delete(key);
    const end = async (): Promise<void> => {
      if (at(policy).hold === policy.hold) await release(policy);
    };
    const timeIsUp = (): void => void inTurn(key, end).catch(deps.onError);
    timers.set(key, clock.after(Math.max(0, until - clock.now()), timeIsUp));
  };

  const release = async (place: DevicePlace): Promise<void> => {
    const { host, device, roles, hold } = at(place);
    if (hold === null) {
      throw new AppError('INVALID_REQUEST', `${device} of ${host} is neither reserved nor quarantined`, {
        hint: 'run "drover devices ls"',
      });
    }
    await store.write(async (tx) => {
      await setDeviceHold(tx, place, null);
      await withdrawDistrust(tx, place);
      tx.record({ type: 'device.released', subject: subject.device(host, device), data: { kind: hold.kind } });
    });
    keep({ host, device, roles, hold: null });
    deps.onChange(host);
  };

  const setRoles = async ({ host, device }: DevicePlace, roles: readonly DeviceRole[] | null): Promise<void> => {
    await store.write(async (tx) => {
      await setDeviceRoles(tx, { host, device }, roles);
      tx.record({ type: 'device.roles_set', subject: subject.device(host, device), data: { roles } });
    });
    keep({ ...at({ host, device }), roles: roles === null ? null : [...roles] });
    deps.onChange(host);
  };

  const hold = async ({ host, device }: DevicePlace, wanted: DeviceHold, by: HeldBy): Promise<void> => {
    const before = at({ host, device });
    if (before.hold?.kind === 'quarantined') return deps.onChange(host);
    await store.write(async (tx) => {
      await setDeviceHold(tx, { host, device }, wanted);
      // Who decided it needs no telling; what the brain decides it tells of itself.
      if (by === 'agent') await reportDistrust(tx, { host, device }, wanted.reason);
      tx.record({ type: 'device.held', subject: subject.device(host, device), data: { ...wanted, by } });
    });
    keep({ ...before, hold: wanted });
    deps.onChange(host);
  };

  return {
    async recall() {
      for (const policy of await store.read(listDevicePolicies)) keep(policy);
    },
    of: (host) => [...policies.values()].filter((policy) => policy.host === host).map(withoutHost),
    holdOf: (place) => at(place).hold,
    setRoles: (place, roles) => inTurn(keyOf(place), () => setRoles(place, roles)),
    hold: (place, wanted, by) => inTurn(keyOf(place), () => hold(place, wanted, by)),
    release: (place) => inTurn(keyOf(place), () => release(place)),
    [Symbol.dispose]() {
      for (const timer of timers.values()) timer[Symbol.dispose]();
      timers.clear();
    },
  };
}

function withoutHost({ host: _host, ...policy }: HostDevicePolicy): DevicePolicy {
  return policy;
}
