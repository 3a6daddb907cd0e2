/**
 * What the controller tells the agents of its hosts. Frames to a host without a link are dropped: the hello that ends
 * that brings the whole picture anew. It decides nothing.
 */

import { agentInspectionSchema } from '../../contract/index.ts';
import type { AgentCall, AgentInspection, AttemptRef, Grant } from '../../contract/index.ts';
import type { CallOptions } from './calls.ts';
import type { DesiredInstance } from '../instances/desired.ts';
import { withClaims } from '../devices/device-claims.ts';
import type { DevicePolicies } from '../devices/device-policies.ts';
import type { HostTable } from './host-table.ts';

export interface HostOrdersDeps {
  /** What shall run on a host, asked at each hello. */
  readonly desired: (host: string) => readonly DesiredInstance[];
  readonly policies: Pick<DevicePolicies, 'of'>;
}

export interface HostOrders {
  grant(host: string, grants: readonly Grant[]): void;
  signal(host: string, attempt: AttemptRef, signal: 'abort' | 'kill'): void;
  pushPolicies(host: string): void;
  /** The whole set of the host's devices that take no new tasks, because a model is to be loaded there. */
  claim(host: string, devices: readonly string[]): void;
  pushDesired(host: string): void;
  forgetInstance(host: string, name: string): void;
  /** Requests went to these instances. */
  noteUsed(host: string, names: readonly string[]): void;
  /** Waits for the agent when it is not connected; see `calls.ts`. */
  call(host: string, call: AgentCall, options: CallOptions): Promise<unknown>;
  /** What only the agent knows of an instance. Rejects with INSTANCE_NOT_FOUND, or as `call` does. */
  inspect(host: string, name: string): Promise<AgentInspection>;
  /** Tells every agent that this controller goes down on request. */
  goodbye(options: { readonly withAgent: boolean }): void;
}

const INSPECT_TIMEOUT_MS = 5_000;

export function createHostOrders(hosts: HostTable, { policies, desired }: HostOrdersDeps): HostOrders {
  const claims = new Map<string, readonly string[]>();

  function pushPolicies(name: string): void {
    const devices = withClaims(policies.of(name), claims.get(name) ?? [], hosts.devicesOf(name));
    hosts.send(name, { kind: 'policies', devices });
  }

  return {
    grant: (name, grants) => hosts.send(name, { kind: 'grants', grants: [...grants] }),
    signal: (name, attempt, signal) => hosts.send(name, { kind: 'signal', attempt, signal }),
    pushPolicies,
    claim(name, devices) {
      claims.set(name, devices);
      pushPolicies(name);
    },
    pushDesired(name) {
      const instances = desired(name).map((instance) => ({ spec: instance.spec, desired: instance.desired }));
      hosts.send(name, { kind: 'desired', instances });
    },
    forgetInstance: (host, name) => hosts.send(host, { kind: 'forget', name }),
    noteUsed: (host, names) => hosts.send(host, { kind: 'used', names: [...names] }),
    call: (name, call, options) => hosts.named(name).calls.call(call, options),
    async inspect(host, name) {
      const call: AgentCall = { op: 'inspect', name };
      return agentInspectionSchema.parse(await hosts.named(host).calls.call(call, { timeoutMs: INSPECT_TIMEOUT_MS }));
    },
    goodbye: (options) => hosts.sendAll({ kind: 'goodbye', ...options }),
  };
}
