/**
 * The owner of one device's room for task workers: places in this file, memory in the ledger. It says yes or no to one
 * attempt, at once; who asks next is decided by `attempts.ts`.
 */

import { attemptKey } from '../../contract/index.ts';
import type { AttemptRef } from '../../contract/index.ts';
import { refusalOf } from '../../devices/index.ts';
import type { MemoryLedger } from '../../devices/index.ts';
import type { Lane } from './placement.ts';

export type Admission =
  | { readonly kind: 'admitted' }
  /** Ask again when something has been released. */
  | { readonly kind: 'busy'; readonly reason: string }
  /** This device can never run it. */
  | { readonly kind: 'never'; readonly reason: string };

interface Demand {
  readonly attempt: AttemptRef;
  readonly lane: Lane;
  /** Charged to this device; 0 for light work. */
  readonly memoryBytes: number;
}

export interface DeviceAgent {
  readonly id: string;
  admit(demand: Demand): Admission;
  /** Enters an attempt that runs already, even beyond the limits. */
  enter(demand: Demand): void;
  /** Idempotent. */
  release(attempt: AttemptRef): void;
  busy(lane: Lane): number;
}

/** Places per lane of one device. */
export type Places = Readonly<Record<Lane, number>>;

export function createDeviceAgent(id: string, places: Places, ledger: MemoryLedger): DeviceAgent {
  const lanes = new Map<string, Lane>();
  const busy = (lane: Lane): number => [...lanes.values()].filter((other) => other === lane).length;
  const reservation = ({ attempt, lane, memoryBytes }: Demand) => ({
    owner: taskOwner(attempt),
    kind: 'task' as const,
    shares: [{ device: id, bytes: lane === 'light' ? 0 : memoryBytes }],
  });

  return {
    id,
    busy,
    admit(demand) {
      const { lane, attempt } = demand;
      const standing = ledger.picture(id)?.standing;
      const refusal = standing ? refusalOf(standing, 'tasks') : null;
      if (refusal !== null) return { kind: 'busy', reason: `${id}: ${refusal}` };
      if (busy(lane) >= places[lane]) return { kind: 'busy', reason: `${id}: all ${places[lane]} places are taken` };
      const answer = ledger.reserve(reservation(demand));
      if (answer.kind === 'refused') {
        return { kind: answer.when === 'never' ? 'never' : 'busy', reason: answer.arithmetic };
      }
      lanes.set(attemptKey(attempt), lane);
      return { kind: 'admitted' };
    },
    enter(demand) {
      ledger.enter(reservation(demand));
      lanes.set(attemptKey(demand.attempt), demand.lane);
    },
    release(attempt) {
      lanes.delete(attemptKey(attempt));
      ledger.release(taskOwner(attempt));
    },
  };
}

/** Under which name an attempt holds memory. */
export function taskOwner(attempt: AttemptRef): string {
  return `task:${attemptKey(attempt)}`;
}
