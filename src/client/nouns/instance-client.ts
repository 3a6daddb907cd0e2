/** The part of the client that is about instances. */

import type { InstanceDetailView, InstanceHealthView, InstanceView } from '../../contract/instance-views.ts';
import type { Calls } from './calls.ts';
import { logQuery } from './logs.ts';
import type { LogRequest } from './logs.ts';

export interface StartRequest {
  /** False: answer when the agent has been told, not when the instance is ready. */
  readonly wait?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface InstanceClient {
  instances(): Promise<readonly InstanceView[]>;
  instance(name: string): Promise<InstanceDetailView>;
  startInstance(name: string, options?: StartRequest): Promise<InstanceView>;
  stopInstance(name: string, options?: { readonly force?: boolean }): Promise<InstanceView>;
  restartInstance(name: string, options?: StartRequest): Promise<InstanceView>;
  /** Resolves when no request is in flight; new ones go elsewhere until it is started again. */
  drainInstance(name: string, options?: Pick<StartRequest, 'timeoutMs'>): Promise<InstanceView>;
  /** An engine that runs without a config gets it back. */
  adoptInstance(name: string): Promise<InstanceView>;
  /** Writes its config, new or not; starts nothing. Rejects with CONFIG_INVALID and every problem. */
  configureInstance(name: string, config: Readonly<Record<string, unknown>>): Promise<InstanceDetailView>;
  removeInstance(name: string): Promise<void>;
  instanceHealth(name: string): Promise<InstanceHealthView>;
  instanceLogs(name: string, options?: LogRequest & { readonly since?: string | undefined }): AsyncGenerator<string>;
}

export function createInstanceClient({ call, stream }: Calls): InstanceClient {
  return {
    instances: () => call('GET', '/v2/instances'),
    instance: (name) => call('GET', instancePath(name)),
    startInstance: (name, start = {}) => call('POST', `${instancePath(name)}/start`, startBody(start)),
    stopInstance: (name, stop = {}) => call('POST', `${instancePath(name)}/stop`, stop),
    restartInstance: (name, start = {}) => call('POST', `${instancePath(name)}/restart`, startBody(start)),
    drainInstance: (name, drain = {}) => call('POST', `${instancePath(name)}/drain`, startBody(drain)),
    adoptInstance: (name) => call('POST', `${instancePath(name)}/adopt`),
    configureInstance: (name, config) => call('PUT', instancePath(name), config),
    removeInstance: (name) => call('DELETE', instancePath(name)),
    instanceHealth: (name) => call('GET', `${instancePath(name)}/health`),
    instanceLogs: (name, logs = {}) =>
      stream(`${instancePath(name)}/logs${logQuery(logs, { since: logs.since })}`, logs.signal),
  };
}

function startBody({ wait, timeoutMs }: StartRequest): object {
  return { wait, timeout_ms: timeoutMs };
}

function instancePath(name: string): string {
  return `/v2/instances/${encodeURIComponent(name)}`;
}
