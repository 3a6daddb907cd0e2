/** Leases what can go now, in the turn's transaction, and makes the grants and calls that follow its commit. */

import { subject } from '../../contract/index.ts';
import { addToGroup } from '../../kernel/index.ts';
import { insertAttempts, leaseTasks, startBatch } from '../../store/index.ts';
import type { SlotLease } from '../../gateway/index.ts';
import { attemptDir } from '../active-batch.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { CONTROLLER, file, heldBy } from '../book.ts';
import { chargeOf, laneOf, NO_MODEL } from '../known.ts';
import type { Book } from '../book.ts';
import type { Known } from '../known.ts';
import { renewChoices } from '../choosing/choices.ts';
import { pickTasks } from './dispatch.ts';
import { roomOf } from './host-room.ts';
import type { Charge, HostRoom } from './host-room.ts';
import type { AgentPort } from '../ports.ts';
import { fail } from '../failure/failing.ts';
import { heldBack } from '../incidents/holds.ts';
import { park } from '../failure/parking.ts';
import { prepare, toGrant } from '../tasks/prepared-task.ts';
import { step } from '../tasks/task-state.ts';
import type { Holder } from '../tasks/task-state.ts';
import { claimOf, expect, keyOf, move, UNMEASURED } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';

/** Model calls kept waiting in the gateway beside those in its slots, so that no slot idles between two. */
const CALLS_AHEAD = 2;

const NONE_CLOSED: ReadonlySet<string> = new Set();

/** A task and what it will hold. */
interface Handover {
  readonly known: Known;
  readonly charge: Charge;
  readonly slot: SlotLease | null;
}

/** Hands out all that fits. Ends of tasks that cannot start are left in the turn for the caller to settle. */
export async function handOut(turn: Turn): Promise<void> {
  const { book, deps } = turn;
  if (book.queue.size === 0) return;
  renewChoices(book, deps);
  const hosts = usableHosts(book, deps.agents);
  const rooms = hosts.map((host) => hostRoom(book, deps.agents, host));
  const picks = pickTasks(book.queue, {
    hosts: rooms,
    callsFor: (model) => callsFor(turn, model),
    share: shares(book),
    home: deps.models.host,
  });
  const handovers = new Map<string, Handover[]>();
  const checks: Known[] = [];
  let roomIsLeft = false;
  for (const { task, host, charge } of picks) {
    const known = book.known.get(task.id);
    if (!known) continue;
    const hold = heldBack(book, known);
    if (hold) {
      park(turn, known, `incident:${hold.incident}`, 'its step is being repaired');
      roomIsLeft = true;
    } else if (task.lane.kind === 'check') checks.push(known);
    else if (task.lane.kind === 'slot') turn.effects.push({ kind: 'acquire', id: task.id, model: task.lane.model });
    else addToGroup(handovers, host ?? CONTROLLER, { known, charge, slot: null });
  }
  if (checks.length > 0) turn.effects.push({ kind: 'check-results', tasks: checks });
  for (const { id } of checks) book.checking.add(id);
  for (const [agent, given] of handovers) await lease(turn, agent, given);
  // What was parked has taken room that others can have.
  if (roomIsLeft) await handOut(turn);
}

/** Hosts with a link that are heard of, and whose last hello has been settled. */
export function usableHosts(book: Book, agents: AgentPort): string[] {
  const silent = agents.silent();
  return agents.connected().filter((host) => book.hosts.get(host)?.settled === true && !silent.includes(host));
}

function hostRoom(book: Book, agents: AgentPort, host: string): HostRoom {
  const devices = agents.devices(host);
  const held = heldBy(book, host).map((known) => heldCharge(known, chargeOf(known, devices)));
  const { typicalMs = null, closed = NONE_CLOSED } = book.hosts.get(host) ?? {};
  return roomOf({ host, devices, held, typicalMs, closed });
}

/** What was charged at the hand-over, on the device that the agent has chosen since. */
function heldCharge(known: Known, derived: Charge): Charge {
  const charge = known.charge ?? derived;
  return derived.device === null ? charge : { ...charge, device: derived.device };
}

function shares(book: Book): (batchId: string) => number {
  const counts = new Map<string, number>();
  for (const { batch } of book.held.values()) counts.set(batch.id, (counts.get(batch.id) ?? 0) + 1);
  return (batchId) => counts.get(batchId) ?? 0;
}

/** Ids of the devices that take no new llm work now. */
export function strainedDevices(agents: AgentPort): ReadonlySet<string> {
  const devices = agents.connected().flatMap((host) => agents.devices(host));
  return new Set(devices.filter(({ condition }) => condition === 'constrained').map(({ id }) => id));
}

function callsFor({ book, deps }: Turn, model: string): number {
  if (model === NO_MODEL) return 0;
  const { slots } = deps.inference.capacity(model, strainedDevices(deps.agents));
  if (slots === 0) return 0;
  let under = 0;
  for (const known of book.held.values()) {
    const lane = laneOf(known);
    if ('model' in lane && lane.model === model) under += 1;
  }
  for (const waiting of book.acquiring.values()) if (waiting.model === model) under += 1;
  return slots + CALLS_AHEAD - under;
}

/** A slot has been had for a task that still wants it; without a host the slot goes back and the task waits. */
export async function onSlot(turn: Turn, id: number, slot: SlotLease): Promise<void> {
  const known = turn.book.known.get(id);
  turn.book.acquiring.delete(id);
  const [host] = usableHosts(turn.book, turn.deps.agents);
  if (known?.task.status.kind !== 'ready' || known.batch.paused || host === undefined) {
    turn.effects.push({ kind: 'drop-slot', slot });
    if (known?.task.status.kind === 'ready') file(turn.book, known);
    return;
  }
  await lease(turn, host, [{ known, charge: { cores: 0, memoryBytes: 0, device: null }, slot }]);
}

/** One statement leases all that one holder gets. */
async function lease(turn: Turn, agent: string, given: readonly Handover[]): Promise<void> {
  const epoch = agent === CONTROLLER ? turn.book.epoch : turn.book.hosts.get(agent)?.epoch;
  if (epoch === undefined) throw new Error(`host ${agent} has said no hello`);
  const holder = { agent, epoch };
  const ids = given.map(({ known }) => known.id);
  const leased = leaseTasks(turn.tx, ids, holder).then(({ length }) => length === ids.length);
  expect(turn, leased, 'a task in the queue is not ready in the store');
  for (const handover of given) noteLease(turn, handover, holder);
  const attempts = given.filter(isTask).map((handover) => newAttempt(handover, holder));
  expect(turn, insertAttempts(turn.tx, attempts));
  for (const batch of new Set(given.map(({ known }) => known.batch))) await begin(turn, batch);
  for (const handover of given) await handOver(turn, agent, handover);
}

function isTask({ known }: Handover): boolean {
  return known.kind === 'task';
}

function newAttempt({ known, slot }: Handover, holder: Holder) {
  const no = known.task.attempt;
  const held = slot === null ? {} : { slot: { instance: slot.instance, tokenHash: slot.tokenHash } };
  return { taskId: known.id, no, ...holder, dir: attemptDir(known.batch, known.name, no), ...held };
}

function noteLease(turn: Turn, { known, charge }: Handover, holder: Holder): void {
  const next = step(known.task, { kind: 'leased', holder }, turn.tx.now);
  if (next.kind === 'refused') throw new Error(`task ${known.name} cannot be leased`);
  if (next.fact) turn.tx.record(next.fact);
  known.task = next.task;
  known.charge = charge;
  known.inherited = false;
  known.outlived = false;
  file(turn.book, known);
}

async function begin(turn: Turn, batch: ActiveBatch): Promise<void> {
  if (batch.started) return;
  batch.started = true;
  if (await startBatch(turn.tx, batch.id)) {
    turn.tx.record({ type: 'batch.started', subject: subject.batch(batch.id), data: {} });
  }
}

async function handOver(turn: Turn, agent: string, { known, slot }: Handover): Promise<void> {
  if (slot) turn.effects.push({ kind: 'keep-slot', key: keyOf(known), slot });
  if (known.kind === 'template') {
    turn.effects.push({ kind: 'read-list', known });
    return;
  }
  const prepared = prepare(known);
  if (prepared.kind === 'impossible') {
    await fail(turn, known, { ...UNMEASURED, class: 'definition', reason: prepared.reason, endedAt: turn.tx.now });
    return;
  }
  const { task } = prepared;
  if (task.type === 'shell') {
    turn.effects.push({ kind: 'grant', host: agent, grant: toGrant(known, task, agent, slot) });
    return;
  }
  move(turn, known, { kind: 'started', claim: claimOf(known), device: null, pid: null, at: turn.tx.now });
  turn.effects.push(
    task.type === 'meta' ? { kind: 'place', known, rendered: task } : { kind: 'ask', known, rendered: task },
  );
}
