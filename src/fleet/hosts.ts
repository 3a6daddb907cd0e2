/**
 * The hosts of this controller: who is connected, the mirror of their devices and instances, their leases. It hands
 * what agents tell to the owners of work and of requests, and decides nothing about either.
 */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type { Brain } from '../brain/index.ts';
import { AppError, PROTOCOL_VERSION, subject } from '../contract/index.ts';
import type {
  AgentCall,
  AgentFrame,
  AttemptRef,
  DaemonStatusView,
  DeviceReport,
  DeviceView,
  Grant,
  InstanceReport,
  Outcome,
} from '../contract/index.ts';
import { assertNever, createBus } from '../kernel/index.ts';
import type { Bus, Clock, Log } from '../kernel/index.ts';
import { agentConnected, listAgents, renewAgentLease } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import { createCalls } from './calls.ts';
import type { CallOptions, Calls } from './calls.ts';
import { createLeases } from './lease.ts';
import { MAX_FRAME_BYTES, openSession } from './link-session.ts';
import type { LinkSession } from './link-session.ts';
import type { DesiredInstance } from './desired.ts';
import { toDeviceView } from './device-view.ts';

export type Hello = Extract<AgentFrame, { kind: 'hello' }>;

/** What agents tell of plan work goes to the brain. */
export type WorkOwner = Pick<
  Brain,
  'epoch' | 'onHello' | 'onStarted' | 'onDeclined' | 'onOutcomes' | 'onDevices' | 'onAgentLost'
>;

export type InstanceEvent =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'gone'; readonly name: string };

export interface HostsDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** What shall run on a host, asked at each hello. */
  readonly desired: (host: string) => readonly DesiredInstance[];
}

export interface Hosts extends AsyncDisposable {
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
  grant(host: string, grants: readonly Grant[]): void;
  signal(host: string, attempt: AttemptRef, signal: 'abort' | 'kill'): void;

  /** The host that instances without a place of their own run on. */
  readonly localHost: string;
  pushDesired(host: string): void;
  forgetInstance(host: string, name: string): void;
  /** Waits for the agent when it is not connected; see `calls.ts`. */
  call(host: string, call: AgentCall, options: CallOptions): Promise<unknown>;
  /** Tells every agent that this controller goes down on request. */
  goodbye(options: { readonly withAgent: boolean }): void;
}

interface Host {
  readonly name: string;
  readonly calls: Calls;
  session: LinkSession | null;
  epoch: number;
  pid: number;
  devices: readonly DeviceReport[];
  /** When it told of its devices last. */
  seenAt: number;
}

export function createHosts(deps: HostsDeps & { readonly localHost: string }): Hosts {
  const { store, clock, log } = deps;
  const hosts = new Map<string, Host>();
  const bySession = new WeakMap<LinkSession, Host>();
  const reports = new Map<string, InstanceReport>();
  const instanceEvents = createBus<InstanceEvent>((error) => log.error({ err: error }, 'instance listener failed'));
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  const leases = createLeases(clock, (host) => run(loseAgent(host)));
  let work: WorkOwner | null = null;

  function run(task: Promise<unknown>): void {
    task.catch((error: unknown) => log.error({ err: error }, 'agent event failed'));
  }

  function hostNamed(name: string): Host {
    const known = hosts.get(name);
    if (known) return known;
    const calls = createCalls(name, clock);
    const host: Host = { name, calls, session: null, epoch: 0, pid: 0, devices: [], seenAt: 0 };
    hosts.set(name, host);
    return host;
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
        leases.renew(host.name);
        run(store.write((tx) => renewAgentLease(tx, host.name, host.epoch)));
        return setDevices(host, frame.devices);
      case 'devices':
        return setDevices(host, frame.devices);
      case 'instance':
        return onInstance(frame.report, frame.adopted);
      case 'instance-gone':
        return onInstanceGone(frame.name);
      case 'started':
        return work.onStarted(host.name, frame);
      case 'declined':
        return work.onDeclined(host.name, frame);
      case 'outcomes':
        return run(acknowledge(host, session, frame.outcomes));
      case 'reply':
      case 'fail':
        return host.calls.answer(frame);
      default:
        return assertNever(frame);
    }
  }

  async function onHello(hello: Hello, session: LinkSession): Promise<void> {
    if (hello.protocol !== PROTOCOL_VERSION) return refuse(session, protocolMismatch(hello, deps.version));
    if (hello.version !== deps.version && hello.host === deps.localHost) return replace(hello, session);
    if (!work) return session.close();
    const accepted = await store.write((tx) =>
      agentConnected(tx, { host: hello.host, epoch: hello.epoch, pid: hello.pid, version: hello.version }),
    );
    if (accepted.kind === 'fenced') return refuse(session, fencedAgent(hello, accepted.epoch));
    const host = hostNamed(hello.host);
    host.session?.close();
    Object.assign(host, { session, epoch: hello.epoch, pid: hello.pid });
    keepDevices(host, hello.devices);
    bySession.set(session, host);
    leases.renew(host.name);
    const answer = await work.onHello(hello);
    session.send({
      kind: 'welcome',
      version: deps.version,
      controllerEpoch: work.epoch(),
      revoke: [...answer.revoke],
      acknowledged: [...answer.acknowledged],
    });
    takeOverInstances(hello);
    pushDesired(host.name);
    host.calls.resend((frame) => session.send(frame));
    log.info({ host: host.name, epoch: host.epoch, attempts: hello.attempts.length }, 'agent connected');
    work.onDevices(host.name);
  }

  function refuse(session: LinkSession, error: AppError): void {
    log.warn({ reason: error.message }, 'agent refused');
    session.send({
      kind: 'refused',
      error: { code: error.code, message: error.message, hint: error.hint ?? null },
    });
    session.close();
  }

  function replace(hello: Hello, session: LinkSession): void {
    log.info({ host: hello.host, theirs: hello.version, ours: deps.version }, 'agent of another version is replaced');
    session.send({ kind: 'goodbye', withAgent: true });
  }

  function takeOverInstances(hello: Hello): void {
    for (const report of hello.instances) onInstance(report, false);
    const live = new Set(hello.instances.map((report) => report.name));
    for (const name of reports.keys()) if (!live.has(name)) onInstanceGone(name);
  }

  function onInstance(report: InstanceReport, adopted: boolean): void {
    const before = reports.get(report.name);
    reports.set(report.name, report);
    instanceEvents.publish({ kind: 'report', report, adopted });
    if (adopted) {
      const pid = report.pid ?? 0;
      run(
        store.write(async (tx) =>
          tx.record({ type: 'instance.adopted', subject: subject.instance(report.name), data: { pid } }),
        ),
      );
    }
    if (before && before.state !== report.state) run(recordChange(before, report));
  }

  function recordChange(before: InstanceReport, report: InstanceReport): Promise<void> {
    return store.write(async (tx) =>
      tx.record({
        type: 'instance.changed',
        subject: subject.instance(report.name),
        data: {
          from: before.state,
          to: report.state,
          pid: report.pid,
          port: report.port,
          reason: report.failure?.message ?? report.healthDetail,
          delay_ms: report.nextStartAt === null ? null : Math.max(0, report.nextStartAt - clock.now()),
          restarts: report.restarts,
        },
      }),
    );
  }

  function onInstanceGone(name: string): void {
    reports.delete(name);
    instanceEvents.publish({ kind: 'gone', name });
  }

  function setDevices(host: Host, devices: readonly DeviceReport[]): void {
    keepDevices(host, devices);
    work?.onDevices(host.name);
  }

  function keepDevices(host: Host, devices: readonly DeviceReport[]): void {
    Object.assign(host, { devices, seenAt: clock.now() });
  }

  async function acknowledge(host: Host, session: LinkSession, outcomes: readonly Outcome[]): Promise<void> {
    session.acknowledge((await work?.onOutcomes(host.name, outcomes)) ?? []);
  }

  function onClose(session: LinkSession): void {
    const host = bySession.get(session);
    if (!host || host.session !== session) return;
    host.session = null;
    host.calls.linkDown();
    if (!work) return;
    work.onDevices(host.name);
    log.warn({ host: host.name, epoch: host.epoch }, 'agent disconnected');
    run(
      store.write(async (tx) =>
        tx.record({ type: 'agent.disconnected', subject: subject.agent(host.name), data: { epoch: host.epoch } }),
      ),
    );
  }

  async function loseAgent(name: string): Promise<void> {
    const host = hostNamed(name);
    host.session?.close();
    await work?.onAgentLost(name);
    log.warn({ host: name, epoch: host.epoch }, 'agent lost');
  }

  function pushDesired(name: string): void {
    hosts.get(name)?.session?.send({ kind: 'desired', instances: [...deps.desired(name)] });
  }

  return {
    localHost: deps.localHost,
    instanceEvents,
    accept(request, stream, head) {
      acceptor.handleUpgrade(request, stream, head, (socket) => openSession(socket, { onFrame, onClose }, log));
    },
    async start(owner) {
      work = owner;
      for (const agent of await store.read(listAgents)) {
        if (agent.leaseUntil > 0) leases.renew(agent.host);
        Object.assign(hostNamed(agent.host), { epoch: agent.epoch, pid: agent.pid });
      }
    },
    list: () =>
      [...hosts.values()].map(({ name, pid, epoch, session }) => ({
        host: name,
        pid,
        epoch,
        connected: session !== null,
      })),
    devices: () => [...hosts.values()].flatMap(viewDevices),
    instances: () => reports,
    connected: () => [...hosts.values()].filter((host) => host.session !== null).map((host) => host.name),
    devicesOf: (name) => hosts.get(name)?.devices ?? [],
    grant: (name, grants) => hosts.get(name)?.session?.send({ kind: 'grants', grants: [...grants] }),
    signal: (name, attempt, signal) => hosts.get(name)?.session?.send({ kind: 'signal', attempt, signal }),
    pushDesired,
    forgetInstance: (host, name) => hosts.get(host)?.session?.send({ kind: 'forget', name }),
    call: (name, call, options) => hostNamed(name).calls.call(call, options),
    goodbye(options) {
      for (const host of hosts.values()) host.session?.send({ kind: 'goodbye', ...options });
    },
    async [Symbol.asyncDispose]() {
      leases[Symbol.dispose]();
      work = null;
      for (const host of hosts.values()) host.session?.close();
      acceptor.close();
    },
  };
}

function viewDevices({ name, session, seenAt, devices }: Host): readonly DeviceView[] {
  const origin = { host: name, connected: session !== null, seenAt };
  return devices.map((device) => toDeviceView(origin, device));
}

function protocolMismatch(hello: Hello, version: string): AppError {
  return new AppError(
    'PROTOCOL_MISMATCH',
    `agent ${hello.version} on ${hello.host} speaks protocol ${hello.protocol}, controller ${version} speaks ${PROTOCOL_VERSION}`,
    { hint: 'run "drover daemon restart" with the newer version' },
  );
}

function fencedAgent(hello: Hello, current: number): AppError {
  return new AppError(
    'PROTOCOL_MISMATCH',
    `agent on ${hello.host} comes with epoch ${hello.epoch}, but epoch ${current} is the current one`,
    { hint: 'another agent runs on that host; stop one of them' },
  );
}
