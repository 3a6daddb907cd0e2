/**
 * The hosts of this controller, and what their agents tell. It hands that on to the owners of work, of
 * instances and of requests, and decides nothing about any of them.
 */

import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import type {
  AgentFrame,
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
import type { Store } from '../../store/index.ts';
import { quarantine } from '../devices/device-policies.ts';
import type { DevicePolicies } from '../devices/device-policies.ts';
import { createAttendance } from './attendance.ts';
import type { Host } from './host.ts';
import type { Heartbeat } from './heartbeat.ts';
import { createHostOrders } from './host-orders.ts';
import type { HostOrders, HostOrdersDeps } from './host-orders.ts';
import { createHostReports } from './host-reports.ts';
import { HostTable } from './host-table.ts';
import { createInstanceMirror } from '../instances/instance-mirror.ts';
import type { InstanceEvent } from '../instances/instance-mirror.ts';
import { MAX_FRAME_BYTES, openSession } from './link-session.ts';
import type { LinkSession } from './link-session.ts';
import type { WorkOwner } from './work-owner.ts';

interface HostsDeps extends HostOrdersDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  /** The host that instances without a place of their own run on. */
  readonly localHost: string;
  /** Somebody else than the local agent starts this controller again when it dies. */
  readonly hasKeeper: boolean;
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
  /** Of these the ones that have not been heard of for a while. */
  silent(): readonly string[];
  devicesOf(host: string): readonly DeviceReport[];
  /** The task workers of the host's latest heartbeat. */
  workersOf(host: string): readonly WorkerReport[];
}

export function createHosts(deps: HostsDeps): Hosts {
  const { store, clock, log } = deps;
  const hosts = new HostTable(clock);
  const mirror = createInstanceMirror(log);
  const orders = createHostOrders(hosts, deps);
  const reports = createHostReports({ store, clock, run });
  const acceptor = new WebSocketServer({ noServer: true, maxPayload: MAX_FRAME_BYTES });
  let work: WorkOwner | null = null;
  const attendance = createAttendance({ ...deps, hosts, mirror, orders, reports, work: () => work, run });

  function run(task: Promise<unknown>): void {
    task.catch((error: unknown) => log.error({ err: error }, 'agent event failed'));
  }

  function onFrame(frame: AgentFrame, session: LinkSession): void {
    if (frame.kind === 'hello') return run(attendance.onHello(frame, session));
    const host = attendance.hostOf(session);
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
        return mirror.report(host.name, frame.report, { adopted: frame.adopted });
      case 'instance-gone':
        return mirror.gone(host.name, frame.name);
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

  function onHeartbeat(host: Host, frame: Heartbeat): void {
    attendance.stays(host);
    deps.onProbes(frame.probes);
    if (reports.onHeartbeat(host, frame) === 'newest') work?.onDevices(host.name);
  }

  async function acknowledge(host: Host, session: LinkSession, outcomes: readonly Outcome[]): Promise<void> {
    session.acknowledge((await work?.onOutcomes(host.name, outcomes)) ?? []);
  }

  return {
    ...orders,
    localHost: deps.localHost,
    instanceEvents: mirror.events,
    accept(request, stream, head) {
      const listener = { onFrame, onClose: attendance.onClose };
      acceptor.handleUpgrade(request, stream, head, (socket) => openSession(socket, listener, log));
    },
    async start(owner) {
      work = owner;
      await attendance.recall();
    },
    list: () => hosts.view(),
    devices: () =>
      hosts.viewDevices({
        heldUntil: (place) => deps.policies.holdOf(place)?.until ?? null,
        instances: (host) => mirror.ofHost(host),
      }),
    instances: () => mirror.reports,
    connected: () => hosts.connected(),
    silent: () => hosts.silent(),
    devicesOf: (name) => hosts.devicesOf(name),
    workersOf: (name) => hosts.named(name).workers,
    async [Symbol.asyncDispose]() {
      attendance[Symbol.dispose]();
      work = null;
      hosts.closeAll();
      acceptor.close();
    },
  };
}
