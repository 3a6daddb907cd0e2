/**
 * The agent of a host: what the controller says reaches the owners of attempts and instances, what they tell reaches
 * the controller. Wires; decides nothing.
 */

import { PROTOCOL_VERSION } from '../contract/index.ts';
import type { AgentFrame } from '../contract/index.ts';
import type { Devices } from '../devices/index.ts';
import type { InstanceChange, Supervisor } from '../instances/index.ts';
import { assertNever } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import type { Attempts } from './attempts/attempts.ts';
import { answerCall } from './calls.ts';
import type { CallOwners } from './calls.ts';
import { createDeviceNews } from './devices/device-news.ts';
import type { Hello, Link, LinkListener, Order, Welcome } from './link/link.ts';
import { loadPaceOf } from './devices/load-pace.ts';
import type { MemoryReturn } from './devices/memory-return.ts';
import type { Outbox } from './link/outbox.ts';
import type { Spool } from './link/spool.ts';

export interface AgentIdentity {
  readonly host: string;
  readonly version: string;
  readonly local: boolean;
  readonly epoch: number;
  readonly pid: number;
}

interface AgentParts {
  readonly devices: Pick<Devices, 'reports' | 'refreshed' | 'applyPolicies' | 'distrusted' | 'noteLoad'>;
  readonly supervisor: Pick<
    Supervisor,
    'restart' | 'apply' | 'forget' | 'noteUsed' | 'changes' | keyof CallOwners['supervisor']
  >;
  readonly attempts: Attempts;
  readonly fetches: CallOwners['fetches'];
  readonly memoryReturn: Pick<MemoryReturn, 'look'>;
  readonly log: Log;
  readonly spool: Pick<Spool, 'pending' | 'acknowledge'>;
  readonly outbox: Pick<Outbox, 'tellAll'>;
  readonly link: Link;
  readonly onLinkUp: (welcome: Welcome) => void;
  /** A link ended, or a dial brought no answer. */
  readonly onLinkDown: () => void;
  readonly onRefused: () => void;
  readonly onGoodbye: (options: { readonly withAgent: boolean }) => void;
}

export function helloOf(
  identity: AgentIdentity,
  parts: Pick<AgentParts, 'devices' | 'supervisor' | 'attempts' | 'spool'>,
): Hello {
  return {
    kind: 'hello',
    protocol: PROTOCOL_VERSION,
    ...identity,
    devices: [...parts.devices.reports()],
    instances: [...parts.supervisor.reports()],
    attempts: parts.attempts.live(),
    outcomes: [...parts.spool.pending()],
  };
}

/** Dials and serves until disposed of; nothing that runs is touched by either. */
export function startAgent(parts: AgentParts): Disposable {
  const { devices, supervisor, attempts, memoryReturn, link } = parts;
  const news = createDeviceNews({
    send: (frame) => link.send(frame),
    supervisor,
    distrusted: () => devices.distrusted(),
    log: parts.log,
  });
  const changes = supervisor.changes.subscribe((change) => {
    link.send(frameOf(change));
    const pace = change.kind === 'report' ? loadPaceOf(change.report) : null;
    if (pace !== null) devices.noteLoad(pace.device, pace.bytesPerSecond);
    news.heed(devices.reports());
    attempts.wake();
  });
  const refreshed = devices.refreshed.subscribe((reports) => {
    memoryReturn.look();
    news.heed(reports);
    attempts.wake();
  });
  link.start(createListener(parts));
  return {
    [Symbol.dispose]() {
      changes[Symbol.dispose]();
      refreshed[Symbol.dispose]();
      link.close();
    },
  };
}

function createListener(parts: AgentParts): LinkListener {
  return {
    onWelcome: (welcome) => onWelcome(welcome, parts),
    onOrder: (order, reply) => onOrder(order, reply, parts),
    onUnanswered: () => parts.onLinkDown(),
    onRefused: () => parts.onRefused(),
    onDown() {
      parts.attempts.pause();
      parts.onLinkDown();
    },
  };
}

function onWelcome(welcome: Welcome, parts: AgentParts): void {
  const { devices, link, spool, attempts, outbox, onLinkUp } = parts;
  for (const [device, reason] of devices.distrusted()) link.send({ kind: 'distrust', device, reason });
  attempts.revoke(welcome.revoke);
  spool.acknowledge(welcome.acknowledged);
  outbox.tellAll(spool.pending());
  onLinkUp(welcome);
  attempts.resume();
}

function onOrder(order: Order, reply: (frame: AgentFrame) => void, parts: AgentParts): void {
  const { devices, supervisor, attempts, spool } = parts;
  switch (order.kind) {
    case 'policies':
      return devices.applyPolicies(order.devices);
    case 'desired':
      return supervisor.apply(order.instances);
    case 'forget':
      return supervisor.forget(order.name);
    case 'used':
      return supervisor.noteUsed(order.names);
    case 'grants':
      return attempts.grant(order.grants);
    case 'acknowledge':
      return spool.acknowledge(order.attempts);
    case 'signal':
      return attempts.signal(order.attempt, order.signal);
    case 'call':
      return void answerCall(order.id, order.call, parts).then(reply);
    case 'goodbye':
      return parts.onGoodbye({ withAgent: order.withAgent });
    default:
      return assertNever(order);
  }
}

function frameOf(change: InstanceChange): AgentFrame {
  return change.kind === 'report'
    ? { kind: 'instance', report: change.report, adopted: change.adopted }
    : { kind: 'instance-gone', name: change.name };
}
