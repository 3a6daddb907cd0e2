/**
 * Which agents are here: each comes with a hello, stays by its lease, and is lost when that runs out. It knows whose a
 * link is; what else agents tell over it is not its business.
 */

import { subject } from '../../contract/index.ts';
import type { AppError, NewFact } from '../../contract/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { agentConnected, listAgents, agentHeard } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { InstanceMirror } from '../instances/instance-mirror.ts';
import { fencedAgent, greet } from './greeting.ts';
import type { Hello } from './greeting.ts';
import type { Host } from './host.ts';
import type { HostOrders } from './host-orders.ts';
import type { HostReports } from './host-reports.ts';
import type { HostTable } from './host-table.ts';
import { createLeases } from './lease.ts';
import type { LinkSession } from './link-session.ts';
import type { WorkOwner } from './work-owner.ts';

interface AttendanceDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly version: string;
  readonly localHost: string;
  readonly hasKeeper: boolean;
  readonly hosts: HostTable;
  readonly mirror: InstanceMirror;
  readonly orders: HostOrders;
  readonly reports: HostReports;
  /** Null before the start and after the end. */
  readonly work: () => WorkOwner | null;
  /** Takes what is done behind the back of whoever told. */
  readonly run: (task: Promise<unknown>) => void;
}

interface Attendance extends Disposable {
  /** The agent is welcomed, or its link is closed with the reason. */
  onHello(hello: Hello, session: LinkSession): Promise<void>;
  /** Whose link it is; undefined before its hello. */
  hostOf(session: LinkSession): Host | undefined;
  /** A heartbeat keeps the agent here. */
  stays(host: Host): void;
  onClose(session: LinkSession): void;
  /** The agents of an earlier life have their leases; those that do not come are lost. */
  recall(): Promise<void>;
}

export function createAttendance(deps: AttendanceDeps): Attendance {
  const { store, clock, log, hosts, mirror, orders, reports, work, run } = deps;
  const bySession = new WeakMap<LinkSession, Host>();
  const leases = createLeases(clock, {
    onSuspect: (host) => suspect(hosts.named(host)),
    onLost: (host) => run(lose(hosts.named(host))),
  });

  async function onHello(hello: Hello, session: LinkSession): Promise<void> {
    const greeting = greet(hello, deps);
    if (greeting.kind === 'refuse') return refuse(session, greeting.error);
    if (greeting.kind === 'replace') return replace(hello, session);
    const owner = work();
    if (!owner) return session.close();
    const { host: name, epoch, pid, version } = hello;
    const accepted = await store.write((tx) => agentConnected(tx, { host: name, epoch, pid, version }));
    if (accepted.kind === 'fenced') return refuse(session, fencedAgent(hello, accepted.epoch));
    await welcome(hello, session, owner);
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
      hasKeeper: deps.hasKeeper,
      revoke: [...answer.revoke],
      acknowledged: [...answer.acknowledged],
    });
    mirror.replace(host.name, hello.instances);
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

  /** One without a link is known to be away. */
  function suspect(host: Host): void {
    if (!host.isConnected) return;
    host.isSilent = true;
    log.warn({ host: host.name, epoch: host.epoch }, 'agent is silent');
    run(store.write(async (tx) => tx.record(told('agent.suspected', host))));
  }

  async function lose(host: Host): Promise<void> {
    host.close();
    await work()?.onAgentLost(host.name);
    log.warn({ host: host.name, epoch: host.epoch }, 'agent lost');
  }

  return {
    onHello,
    hostOf: (session) => bySession.get(session),
    stays(host) {
      leases.renew(host.name);
      const wasSilent = host.isSilent;
      host.isSilent = false;
      run(
        store.write(async (tx) => {
          await agentHeard(tx, host.name, host.epoch);
          if (wasSilent) tx.record(told('agent.heard', host));
        }),
      );
    },
    onClose(session) {
      const host = bySession.get(session);
      const owner = work();
      if (host?.disconnected(session) !== true || !owner) return;
      owner.onDevices(host.name);
      log.warn({ host: host.name, epoch: host.epoch }, 'agent disconnected');
      run(store.write(async (tx) => tx.record(told('agent.disconnected', host))));
    },
    async recall() {
      for (const { host, devices, seenAt } of await reports.recall()) hosts.named(host).keepDevices(devices, seenAt);
      for (const agent of await store.read(listAgents)) {
        leases.renew(agent.host);
        Object.assign(hosts.named(agent.host), { epoch: agent.epoch, pid: agent.pid });
      }
    },
    [Symbol.dispose]: () => leases[Symbol.dispose](),
  };
}

function told(type: 'agent.disconnected' | 'agent.suspected' | 'agent.heard', { name, epoch }: Host): NewFact {
  return { type, subject: subject.agent(name), data: { epoch } };
}
