/**
 * The hosts of this controller: who is connected, and what agents tell. It hands that on to the owners of work, of
 * instances and of requests, and decides nothing about any of them.
 */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type { Brain } from '../../brain/index.ts';
import { subject } from '../../contract/index.ts';
import type {
  AgentFrame,
  AppError,
  DaemonStatusView,
  DeviceReport,
  DeviceView,
  FetchProgress,
  InstanceReport,
  Outcome,
  ProbeRecord,
  WorkerReport,
} from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Bus, Clock, Log } from '../../kernel/index.ts';
import { agentConnected, listAgents, renewAgentLease } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { quarantine } from '../devices/device-policies.ts';
import type { DevicePolicies } from '../devices/device-policies.ts';
import { fencedAgent, greet } from './greeting.ts';
import type { Hello } from './greeting.ts';
import type { Heartbeat, Host } from './host.ts';
import { createHostOrders } from './host-orders.ts';
import type { HostOrders, HostOrdersDeps } from './host-orders.ts';
import { createHostReports } from './host-reports.ts';
import { HostTable } from './host-table.ts';
import { createInstanceMirror } from '../instances/instance-mirror.ts';
import type { InstanceEvent } from '../instances/instance-mirror.ts';
import { createLeases } from './lease.ts';
import { MAX_FRAME_BYTES, openSession } from './link-session.ts';
import type { LinkSession } from './link-session.ts';

/** What agents tell of plan work goes to the brain. */
export type WorkOwner = Pick<
  Brain,
  'epoch' | 'onHello' | 'onStarted' | 'onDeclined' | 'onOutcomes' | 'onDevices' | 'onAgentLost'
>;

export interface HostsDeps extends HostOrdersDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The host that instances without a place of their own run on. */
  readonly localHost: string;
  readonly policies: Pick<DevicePolicies, 'of' | 'hold' | 'holdOf'>;
  /** The health checks of instances since the last heartbeat. */
  readonly onProbes: (probes: readonly ProbeRecord[]) => void;
  /** How far the files of a model are. */
  readonly onFetching: (progress: FetchProgress) => void;
}

export interface Hosts extends HostOrders, AsyncDisposable {
  /** The host that instances without a place of their own run on. */
  readonly localHost: string;
  /** Takes over an upgrade request to the link. */
  accept(request: IncomingMessage, stream: Duplex, head: Buffer): void;
  /** Starts the leases of agents known from an earlier life, and listens to agents from now on. */
  start(work: WorkOwner): Promise<void>;
  list(): DaemonStatusView['agents'];
  devices(): readonly DeviceView[];
  /** Latest reports of all instances; a broken link leaves them, since engines outlive agents. */
  instances(): ReadonlyMap<string, InstanceReport>;
  readonly instanceEvents: Bus<InstanceEvent>;

  connected(): readonly string[];
  devicesOf(host: string): readonly DeviceReport[];
  /** The task workers of the host's latest heartbeat. */
  workersOf(host: string): readonly WorkerReport[];
}

export function createHosts(deps: HostsDeps): Hosts {
  const { store, clock, log } = deps;
  const hosts = new HostTable(clock);
  const bySession = new WeakMap<LinkSession, Host>();
  const mirror = createInstanceMirror(log);
  const orders = createHostOrders(hosts, deps);
  const reports = createHostReports({ store, clock, run });
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const leases = createLeases(clock, (host) => run(loseAgent(hosts.named(host))));
  let work: WorkOwner | null = null;

  function run(task: Promise<unknown>): void {
    task.catch((error: unknown) => log.error({ err: error }, 'agent event failed'));
  }

  function onFrame(frame: AgentFrame, session: LinkSession): void {
    if (frame.kind === 'hello') return run(onHello(frame, session));
    const host = bySession.get(session);
    if (!host || !work) {
      log.warn({ frame: frame.kind }, 'frame before hello');
      return session.close();
    }
    switch (frame.kind) {
      case 'heartbeat':
        return onHeartbeat(host, frame);
      case 'devices':
        reports.onDevices(host, frame.devices);
        return work.onDevices(host.name);
      case 'distrust':
        return run(deps.policies.hold({ host: host.name, device: frame.device }, quarantine(frame.reason), 'agent'));
      case 'instance':
        return mirror.report(frame.report, { adopted: frame.adopted });
      case 'instance-gone':
        return mirror.gone(frame.name);
      case 'fetching':
        return deps.onFetching(frame.progress);
      case 'started':
        return work.onStarted(host.name, frame);
      case 'declined':
        return work.onDeclined(host.name, frame);
      case 'outcomes':
        for (const start of frame.starts ?? []) work.onStarted(host.name, start);
        return run(acknowledge(host, session, frame.outcomes));
      case 'reply':
      case 'fail':
        return host.calls.answer(frame);
      default:
        return assertNever(frame);
    }
  }

  async function onHello(hello: Hello, session: LinkSession): Promise<void> {
    const greeting = greet(hello, deps);
    if (greeting.kind === 'refuse') return refuse(session, greeting.error);
    if (greeting.kind === 'replace') return replace(hello, session);
    if (!work) return session.close();
    const { host: name, epoch, pid, version } = hello;
    const accepted = await store.write((tx) => agentConnected(tx, { host: name, epoch, pid, version }));
    if (accepted.kind === 'fenced') return refuse(session, fencedAgent(hello, accepted.epoch));
    await welcome(hello, session, work);
  }

  async function welcome(hello: Hello, session: LinkSession, owner: WorkOwner): Promise<void> {
    const host = hosts.named(hello.host);
    host.connect(session, hello);
    reports.onDevices(host, hello.devices);
    bySession.set(session, host);
    leases.renew(host.name);
    const answer = await owner.onHello(hello);
    session.send({
      kind: 'welcome',
      version: deps.version,
      controllerEpoch: owner.epoch(),
      revoke: [...answer.revoke],
      acknowledged: [...answer.acknowledged],
    });
    mirror.replace(hello.instances);
    orders.pushPolicies(host.name);
    orders.pushDesired(host.name);
    host.calls.resend((frame) => session.send(frame));
    log.info({ host: host.name, epoch: host.epoch, attempts: hello.attempts.length }, 'agent connected');
    owner.onDevices(host.name);
  }

  function refuse(session: LinkSession, error: AppError): void {
    log.warn({ reason: error.message }, 'agent refused');
    session.send({ kind: 'refused', error: { code: error.code, message: error.message, hint: error.hint ?? null } });
    session.close();
  }

  function replace(hello: Hello, session: LinkSession): void {
    log.info({ host: hello.host, theirs: hello.version, ours: deps.version }, 'agent of another version is replaced');
    session.send({ kind: 'goodbye', withAgent: true });
  }

  function onHeartbeat(host: Host, frame: Heartbeat): void {
    leases.renew(host.name);
    run(store.write((tx) => renewAgentLease(tx, host.name, host.epoch)));
    deps.onProbes(frame.probes);
    if (reports.onHeartbeat(host, frame) === 'newest') work?.onDevices(host.name);
  }

  async function acknowledge(host: Host, session: LinkSession, outcomes: readonly Outcome[]): Promise<void> {
    session.acknowledge((await work?.onOutcomes(host.name, outcomes)) ?? []);
  }

  function onClose(session: LinkSession): void {
    const host = bySession.get(session);
    if (host?.disconnected(session) !== true || !work) return;
    work.onDevices(host.name);
    log.warn({ host: host.name, epoch: host.epoch }, 'agent disconnected');
    run(
      store.write(async (tx) =>
        tx.record({ type: 'agent.disconnected', subject: subject.agent(host.name), data: { epoch: host.epoch } }),
      ),
    );
  }

  async function loseAgent(host: Host): Promise<void> {
    host.close();
    await work?.onAgentLost(host.name);
    log.warn({ host: host.name, epoch: host.epoch }, 'agent lost');
  }

  return {
    ...orders,
    localHost: deps.localHost,
    instanceEvents: mirror.events,
    accept(request, stream, head) {
      acceptor.handleUpgrade(request, stream, head, (socket) => openSession(socket, { onFrame, onClose }, log));
    },
    async start(owner) {
      work = owner;
      for (const { host, devices, seenAt } of await reports.recall()) hosts.named(host).keepDevices(devices, seenAt);
      for (const agent of await store.read(listAgents)) {
        if (agent.leaseUntil > 0) leases.renew(agent.host);
        Object.assign(hosts.named(agent.host), { epoch: agent.epoch, pid: agent.pid });
      }
    },
    list: () => hosts.view(),
    devices: () => hosts.viewDevices((place) => deps.policies.holdOf(place)?.until ?? null),
    instances: () => mirror.reports,
    connected: () => hosts.connected(),
    devicesOf: (name) => hosts.devicesOf(name),
    workersOf: (name) => hosts.named(name).workers,
    async [Symbol.asyncDispose]() {
      leases[Symbol.dispose]();
      work = null;
      hosts.closeAll();
      acceptor.close();
    },
  };
}
