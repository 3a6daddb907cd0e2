/**
 * Which ready tasks to hand out now, and to whom, by the mirrors of the hosts' devices and of the models' slots. A
 * mirror informs: the owner of a device may still decline, and its answer comes back as an event.
 */

import { assertNever } from '../../kernel/index.ts';
import type { Charge, DeviceRoom, HostRoom } from './host-room.ts';
import { byFairness, laneKey } from './ready-queue.ts';
import type { Lane, ReadyQueue, ReadyTask, ShareOf } from './ready-queue.ts';

/** A ready task and the host that gets it; no host when the controller does it itself. */
interface Pick {
  readonly task: ReadyTask;
  readonly host: string | null;
  readonly charge: Charge;
}

export interface Rooms {
  readonly hosts: readonly HostRoom[];
  /** Model calls that may be made beside those under way. */
  readonly callsFor: (model: string) => number;
  readonly share: ShareOf;
  /** The controller's own host. */
  readonly home: string;
}

const NOTHING: Charge = { cores: 0, memoryBytes: 0, device: null };

/** Takes off the queue what can go, best first, until nothing fits any more. */
export function pickTasks(queue: ReadyQueue, rooms: Rooms): Pick[] {
  const taken = createTally();
  const share: ShareOf = (batchId) => rooms.share(batchId) + taken.count(`batch ${batchId}`);
  const callsFor = (model: string): number => rooms.callsFor(model) - taken.count(`model ${model}`);
  const picks: Pick[] = [];
  for (;;) {
    const best = bestOf(queue, { ...rooms, callsFor, share });
    if (!best) return picks;
    queue.take(best.task);
    settle(best);
    taken.add(`batch ${best.task.batchId}`);
    if ('model' in best.task.lane) taken.add(`model ${best.task.lane.model}`);
    picks.push({ task: best.task, host: best.place.host?.host ?? null, charge: best.place.charge });
  }
}

interface Tally {
  count(key: string): number;
  add(key: string): void;
}

function createTally(): Tally {
  const counts = new Map<string, number>();
  const count = (key: string): number => counts.get(key) ?? 0;
  return { count, add: (key) => void counts.set(key, count(key) + 1) };
}

interface Place {
  readonly host: HostRoom | null;
  readonly device: DeviceRoom | null;
  readonly charge: Charge;
}

interface Choice {
  readonly task: ReadyTask;
  readonly place: Place;
}

function bestOf(queue: ReadyQueue, { hosts, callsFor, share, home }: Rooms): Choice | null {
  const order = byFairness(share);
  const largest = largestOf(queue.lanes());
  let best: Choice | null = null;
  for (const lane of queue.lanes()) {
    const open = hosts.filter(({ closed }) => !closed.has(laneKey(lane)));
    const place = placeFor(lane, open, { callsFor, largestWaiting: largest, home });
    const task = place ? queue.next(lane, share) : undefined;
    if (place && task && (!best || order(task, best.task) < 0)) best = { task, place };
  }
  return best;
}

function largestOf(lanes: readonly Lane[]): number {
  return Math.max(0, ...lanes.map((lane) => (lane.kind === 'script' ? lane.memoryBytes : 0)));
}

interface Demand {
  readonly callsFor: (model: string) => number;
  /** Memory of the largest script that waits. */
  readonly largestWaiting: number;
  readonly home: string;
}

const AT_HOME: Place = { host: null, device: null, charge: NOTHING };

/** Beside everything else that the host does. */
function placeAt(host: HostRoom | undefined): Place | null {
  return host ? { host, device: null, charge: NOTHING } : null;
}

function placeFor(lane: Lane, hosts: readonly HostRoom[], { callsFor, largestWaiting, home }: Demand): Place | null {
  switch (lane.kind) {
    case 'expand':
    case 'check':
    case 'place':
      return AT_HOME;
    case 'ask':
    case 'slot':
      return callsFor(lane.model) > 0 && (lane.kind === 'ask' || hosts.length > 0) ? AT_HOME : null;
    case 'home':
      return placeAt(hosts.find(({ host }) => host === home));
    case 'meta':
      return placeAt(hosts[0]);
    case 'cpu':
      return placeOnCore(hosts);
    case 'script':
      return placeInMemory(lane.memoryBytes, hosts, lane.memoryBytes < largestWaiting ? 'tightest' : 'emptiest');
    default:
      return assertNever(lane);
  }
}

function placeOnCore(hosts: readonly HostRoom[]): Place | null {
  const host = freest(hosts);
  return host ? { host, device: null, charge: { cores: 1, memoryBytes: 0, device: null } } : null;
}

/** The host with most free cores, or else one at which a task may wait. */
function freest(hosts: readonly HostRoom[]): HostRoom | null {
  const [host] = hosts.toSorted((a, b) => b.freeCores - a.freeCores || b.ahead - a.ahead);
  return host && (host.freeCores > 0 || host.ahead > 0) ? host : null;
}

/** While larger ones wait, room is kept whole for them; else work is spread. */
type Fit = 'tightest' | 'emptiest';

function placeInMemory(memoryBytes: number, hosts: readonly HostRoom[], fit: Fit): Place | null {
  const sign = fit === 'tightest' ? 1 : -1;
  const places = hosts.flatMap((host) => host.devices.map((device) => ({ host, device })));
  const fitting = places
    .filter(({ host, device }) => device.freeBytes >= memoryBytes && (!device.isCpu || hasCore(host)))
    .toSorted((a, b) => sign * (a.device.freeBytes - b.device.freeBytes))[0];
  const found = fitting ?? places.find(({ host, device }) => host.ahead > 0 && device.budgetBytes >= memoryBytes);
  if (!found) return null;
  const charge = { cores: found.device.isCpu ? 1 : 0, memoryBytes, device: found.device.id };
  return { host: found.host, device: found.device, charge };
}

function hasCore(host: HostRoom): boolean {
  return host.freeCores > 0 || host.ahead > 0;
}

/** Charges a choice to the room it was made from. */
function settle({ place: { host, device, charge } }: Choice): void {
  if (!host) return;
  const waits =
    (charge.cores > 0 && host.freeCores === 0) || (device !== null && device.freeBytes < charge.memoryBytes);
  if (waits) host.ahead -= 1;
  host.freeCores = Math.max(0, host.freeCores - charge.cores);
  if (device) device.freeBytes -= charge.memoryBytes;
}
