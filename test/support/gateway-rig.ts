/** A gateway behind a real server on a free port, before upstreams of any number; closed by its test. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { InstanceReport } from '../../src/contract/index.ts';
import { createGateway, createModelDirectory } from '../../src/gateway/index.ts';
import type { FedModelDirectory, Gateway, GatewayLimits, RequestRecord, Wake } from '../../src/gateway/index.ts';
import { silentLog, systemClock } from '../../src/kernel/index.ts';
import type { Log } from '../../src/kernel/index.ts';
import { within } from './patience.ts';

export interface GatewayRig extends AsyncDisposable {
  readonly url: string;
  readonly gateway: Gateway;
  readonly directory: FedModelDirectory;
  /** Ended requests, oldest first. */
  readonly ended: readonly RequestRecord[];
  untilEnded(count: number): Promise<readonly RequestRecord[]>;
  post(
    body: object,
    options?: { readonly path?: string; readonly headers?: Record<string, string>; readonly signal?: AbortSignal },
  ): Promise<Response>;
}

export interface RigInstance {
  readonly name: string;
  readonly port: number;
  readonly slots?: number;
  readonly modelId?: string | null;
  readonly desired?: 'running' | 'stopped';
  readonly state?: InstanceReport['state'];
}

export function report(instance: RigInstance, changes: Partial<InstanceReport> = {}): InstanceReport {
  return {
    name: instance.name,
    desired: instance.desired ?? 'running',
    state: instance.state ?? 'ready',
    generation: 1,
    health: 'healthy',
    healthDetail: null,
    pid: 1_000,
    identity: null,
    host: '127.0.0.1',
    port: instance.port,
    url: `http://127.0.0.1:${instance.port}`,
    upstreamModel: null,
    key: `key-of-${instance.name}`,
    engine: 'llama-server',
    backend: 'cpu',
    devices: ['cpu'],
    model: '/models/demo.gguf',
    modelId: instance.modelId ?? null,
    aliases: [],
    contextSize: 4_096,
    slotsTotal: instance.slots ?? 1,
    memoryBytes: 0,
    fingerprint: 'f',
    command: [],
    startedAt: 1,
    readyAt: 1,
    restarts: 0,
    nextStartAt: null,
    failure: null,
    lastExit: null,
    ended: [],
    ...changes,
  };
}

/** Every instance is declared and reported. */
export async function startGateway(
  instances: readonly RigInstance[],
  options: { readonly limits?: Partial<GatewayLimits>; readonly log?: Log; readonly wake?: Wake } = {},
): Promise<GatewayRig> {
  const directory = createModelDirectory();
  directory.setInstances(
    instances.map(({ name, modelId, desired }) => ({
      name,
      desired: desired ?? 'running',
      modelId: modelId ?? null,
      aliases: [],
      drained: false,
      ephemeral: false,
    })),
  );
  const ids = new Set(instances.flatMap(({ modelId }) => (modelId === undefined || modelId === null ? [] : [modelId])));
  directory.setModels([...ids].map((id) => ({ id, registeredAt: 1_700_000_000_000 })));
  const ended: RequestRecord[] = [];
  const questions = new Set<() => void>();
  let url = '';
  const gateway = createGateway({
    clock: systemClock,
    log: options.log ?? silentLog,
    random: () => 0.5,
    models: directory,
    frontDoorUrl: () => url,
    wake: options.wake ?? (() => Promise.resolve()),
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    onUsage: (record) => {
      ended.push(record);
      questions.forEach((ask) => ask());
    },
  });
  gateway.setInstances(instances.filter(({ state }) => state !== 'stopped').map((instance) => report(instance)));
  const server = createServer((request, response) => gateway.handle(request, response, null));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`; // a TCP server has an AddressInfo
  return {
    url,
    gateway,
    directory,
    ended,
    untilEnded(count) {
      const coming = new Promise<readonly RequestRecord[]>((resolve) => {
        const ask = (): void => {
          if (ended.length < count) return;
          questions.delete(ask);
          resolve(ended);
        };
        questions.add(ask);
        ask();
      });
      return within(coming, () => ended);
    },
    post: (body, { path = '/v1/chat/completions', headers = {}, signal } = {}) =>
      fetch(`${url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
        ...(signal === undefined ? {} : { signal }),
      }),
    async [Symbol.asyncDispose]() {
      await gateway.close();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
