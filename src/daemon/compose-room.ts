/** The controller's part that makes room: what lies where, who may go, and how he is sent. */

import type { LiveSettings } from '../config/index.ts';
import { createRoomMaker, putToSleep, residentsOf } from '../fleet/index.ts';
import type { Declarations, Hosts, RoomMaker, Swap } from '../fleet/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Clock, Log } from '../kernel/index.ts';
import type { LocalHost } from './local-host.ts';

export interface RoomDeps {
  readonly settings: LiveSettings;
  readonly clock: Clock;
  readonly log: Log;
  readonly host: Pick<LocalHost, 'devices'>;
  readonly hosts: () => Hosts;
  readonly gateway: () => Gateway;
  readonly declarations: Pick<Declarations, 'get'>;
  readonly onSwapped: (swap: Swap) => void;
}

export interface Room extends RoomMaker {
  /** A slot of the instance was given or came back. */
  onSlotUsed(instance: string): void;
  /** When that last was, epoch ms; null: not since the daemon runs. */
  usedAt(instance: string): number | null;
}

export function composeRoom(deps: RoomDeps): Room {
  const { settings, clock, log, host, hosts, gateway, declarations, onSwapped } = deps;
  const uses = new Map<string, number>();
  const usedAt = (name: string): number | null => uses.get(name) ?? null;
  const maker = createRoomMaker({
    devices: host.devices,
    residents: () =>
      residentsOf({
        reports: () => hosts().instances().values(),
        declared: (name) => declarations.get(name),
        busySlots: (name) => gateway().loadOf(name).busySlots,
        isWanted: (name) => gateway().isWanted(name),
        usedAt,
      }),
    windowMs: () => settings.current().swapWindowMs,
    holdBack: (name) => gateway().holdBack(name),
    putToSleep: (name) => putToSleep(hosts(), name),
    onSwapped,
    clock,
    log,
  });
  return {
    ...maker,
    usedAt,
    onSlotUsed(name) {
      uses.set(name, clock.now());
      maker.look();
    },
  };
}
