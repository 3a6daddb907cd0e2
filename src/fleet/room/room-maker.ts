/**
 * Loads what requests wait for although the memory is taken: sees that others make room, one window after the other.
 * Whether there is room is the ledger's word in the end; what is decided here goes by a mirror of it.
 */

import { AppError } from '../../contract/index.ts';
import type { DeviceReport, InstanceSpec } from '../../contract/index.ts';
import type { Waiters } from '../../gateway/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { alternativesOf } from './alternatives.ts';
import { createClaims } from './claims.ts';
import { decideRoom } from './eviction.ts';
import type { Resident, RoomDecision } from './eviction.ts';
import { createOnlookers } from './onlookers.ts';

interface RoomMakerDeps {
  readonly devices: () => readonly DeviceReport[];
  /** What is ready, comes or goes, by what is known of it now. */
  readonly residents: () => readonly Resident[];
  readonly windowMs: () => number;
  /** Gives an instance nothing new until the hold is disposed of. */
  readonly holdBack: (instance: string) => Disposable;
  /** Resolves when it is at rest. */
  readonly putToSleep: (instance: string) => Promise<void>;
  /** The victims have gone, and what they made room for is loaded. */
  readonly onSwapped: (swap: Swap) => void;
  readonly clock: Clock;
  readonly log: Log;
}

/** What made room, and what it was made for. */
export interface Swap {
  /** Models; the name of an instance whose model is in no catalogue. */
  readonly victims: readonly string[];
  readonly wanted: string;
}

export interface RoomMaker {
  /** Starts what wants in as soon as there is room. Rejects as `start` does, or with ABORTED when nobody waits any more. */
  load(wanted: Wanted): Promise<void>;
  /** A slot came back, or an instance has another state: whoever waits for room looks again. */
  look(): void;
}

interface Wanted {
  /** An instance, or the model that one will be made for. */
  readonly name: string;
  readonly spec: InstanceSpec;
  readonly waiters: Waiters;
  readonly start: () => Promise<void>;
}

export function createRoomMaker(deps: RoomMakerDeps): RoomMaker {
  const { clock, log } = deps;
  const claims = createClaims();
  const onlookers = createOnlookers(clock);

  function decide({ name, spec, waiters }: Wanted, wasRefused: boolean): RoomDecision {
    const devices = deps.devices();
    return decideRoom({
      alternatives: alternativesOf(spec, devices),
      capacity: new Map(devices.map(({ id, totalBytes, taskReservedBytes }) => [id, totalBytes - taskReservedBytes])),
      residents: claims.foreseen(deps.residents(), name),
      waited: waiters.longest(),
      windowMs: deps.windowMs(),
      wasRefused,
      now: clock.now(),
    });
  }

  async function evict({ name, waiters, start }: Wanted, residents: readonly Resident[]): Promise<void> {
    const victims = residents.map((victim) => victim.name);
    const holds = victims.map((victim) => deps.holdBack(victim));
    waiters.tell({ kind: 'making-room', instances: victims });
    try {
      while (isAnyBusy(deps.residents(), victims)) {
        if (waiters.longest() === null) throw nobodyWaits(name);
        await onlookers.untilChange(null);
      }
      log.info({ victims, for: name }, 'instances make room for a model that is asked for');
      await Promise.all(victims.map((victim) => deps.putToSleep(victim)));
      waiters.tell({ kind: 'loading' });
      await start();
      deps.onSwapped({ victims: residents.map((victim) => victim.modelId ?? victim.name), wanted: name });
    } finally {
      for (const hold of holds) hold[Symbol.dispose]();
    }
  }

  /** True when it is loaded; false when it has to be looked at again. */
  async function act(wanted: Wanted, decision: RoomDecision): Promise<boolean> {
    switch (decision.kind) {
      case 'hopeless':
      case 'unknown':
        wanted.waiters.tell({ kind: 'loading' });
        await wanted.start();
        return true;
      case 'fits':
        wanted.waiters.tell({ kind: 'loading' });
        await claims.hold(wanted.name, { shares: decision.shares, victims: [] }, wanted.start);
        return true;
      case 'evict': {
        const victims = deps.residents().filter(({ name }) => decision.names.includes(name));
        await claims.hold(wanted.name, { shares: decision.shares, victims }, () => evict(wanted, victims));
        return true;
      }
      case 'wait':
        wanted.waiters.tell({ kind: 'awaiting-room', instances: decision.names, at: decision.at });
        await onlookers.untilChange(decision.at);
        return false;
      default:
        return assertNever(decision);
    }
  }

  return {
    look: () => onlookers.look(),
    async load(wanted) {
      let refusals = 0;
      for (;;) {
        await claims.untilGone(wanted.name);
        if (wanted.waiters.longest() === null) throw nobodyWaits(wanted.name);
        const decision = decide(wanted, refusals > 0);
        try {
          if (await act(wanted, decision)) return;
        } catch (error) {
          if (decision.kind === 'hopeless' || !isRefusal(error) || ++refusals > MOST_REFUSALS) throw error;
        }
      }
    },
  };
}

/** Of a load that should have fitted. */
const MOST_REFUSALS = 2;

function isRefusal(error: unknown): boolean {
  return error instanceof AppError && error.code === 'MEMORY_INSUFFICIENT';
}

function isAnyBusy(residents: readonly Resident[], names: readonly string[]): boolean {
  return residents.some(({ name, busySlots }) => names.includes(name) && busySlots > 0);
}

function nobodyWaits(name: string): AppError {
  return new AppError('ABORTED', `nobody waits for ${name} any more`);
}
