/** The device agents of this host, and which of them takes a grant: they are asked one after the other, best first. */

import type { Grant } from '../../contract/index.ts';
import type { DeviceReading, MemoryLedger } from '../../devices/index.ts';
import { createDeviceAgent } from './device-agent.ts';
import type { Admission, DeviceAgent, Places } from './device-agent.ts';
import { candidatesFor } from './placement.ts';
import type { Lane } from './placement.ts';

export interface DeviceAgentsDeps {
  readonly ledger: MemoryLedger;
  /** What this host has, as last probed. */
  readonly readings: () => readonly DeviceReading[];
  readonly cores: number;
}

type Refusal = Exclude<Admission, { kind: 'admitted' }>;

type Seat = { readonly kind: 'admitted'; readonly device: DeviceReading; readonly agent: DeviceAgent } | Refusal;

/** Light attempts wait for others; this many may wait at once. */
const LIGHT_PLACES = 32;
/** Workers that share one card, whatever memory they ask for. */
const CARD_PLACES = 16;
/** Cpu tasks that a card takes when the CPU has no core left. */
const CARD_CORES = 1;

export class DeviceAgents {
  readonly #deps: DeviceAgentsDeps;
  readonly #agents = new Map<string, DeviceAgent>();

  constructor(deps: DeviceAgentsDeps) {
    this.#deps = deps;
  }

  hasCards(): boolean {
    return this.#deps.readings().some((device) => device.kind !== 'cpu');
  }

  of(device: string): DeviceAgent {
    const known = this.#agents.get(device);
    if (known) return known;
    const agent = createDeviceAgent(device, placesOf(device, this.#deps.cores), this.#deps.ledger);
    this.#agents.set(device, agent);
    return agent;
  }

  /** Admits the grant to the first device that takes it; `busy` when one of them may take it later. */
  admit(grant: Grant, lane: Lane): Seat {
    const refusals: Refusal[] = [];
    for (const device of this.#candidates(lane, grant)) {
      const agent = this.of(device.id);
      const answer = agent.admit({ ...grant, lane });
      if (answer.kind === 'admitted') return { kind: 'admitted', device, agent };
      refusals.push(answer);
    }
    const reason = refusals.map((refusal) => refusal.reason).join('; ') || 'this host has no device for it';
    return { kind: refusals.some((refusal) => refusal.kind === 'busy') ? 'busy' : 'never', reason };
  }

  /** Places for cpu tasks. */
  taskSlots({ id, kind }: Pick<DeviceReading, 'id' | 'kind'>): { busy: number; total: number } {
    return { busy: this.#agents.get(id)?.busy('core') ?? 0, total: kind === 'cpu' ? this.#deps.cores : CARD_CORES };
  }

  #candidates(lane: Lane, grant: Grant): readonly DeviceReading[] {
    const readings = this.#deps.readings();
    const free = (id: string): number => this.#deps.ledger.picture(id)?.freeForTasksBytes ?? 0;
    return candidatesFor(
      lane,
      grant,
      readings.map((reading) => ({ ...reading, freeForTasksBytes: free(reading.id) })),
    );
  }
}

function placesOf(device: string, cores: number): Places {
  return device === 'cpu'
    ? { core: cores, card: 0, light: LIGHT_PLACES }
    : { core: CARD_CORES, card: CARD_PLACES, light: 0 };
}
