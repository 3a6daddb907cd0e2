/**
 * The typed client of the controller: one method per route of the management API, plus the stream of facts and a
 * streamed chat. The only way in which the command line, the screens and other programs talk to Drover. Most methods
 * stand in the parts that it is put together from, one for each noun.
 */

import type { BenchKind, BenchRequest, BenchView } from '../contract/benches.ts';
import type { DaemonStatusView, QueueView, ReloadView, StatusView } from '../contract/daemon.ts';
import type { FactView } from '../contract/facts.ts';
import { createBatchClient } from './nouns/batch-client.ts';
import type { BatchClient } from './nouns/batch-client.ts';
import { createCalls, query } from './nouns/calls.ts';
import type { CallPorts } from './nouns/calls.ts';
import { streamChat } from './streams/chat.ts';
import type { ChatEvent, ChatRequest } from './streams/chat.ts';
import { createDeviceClient } from './nouns/device-client.ts';
import type { DeviceClient } from './nouns/device-client.ts';
import type { Endpoint } from './transport/endpoint.ts';
import { followFacts } from './streams/facts.ts';
import type { FactFilter } from './streams/facts.ts';
import { createInstanceClient } from './nouns/instance-client.ts';
import type { InstanceClient } from './nouns/instance-client.ts';
import { createKeyClient } from './nouns/key-client.ts';
import type { KeyClient } from './nouns/key-client.ts';
import { createModelClient } from './nouns/model-client.ts';
import { createPoolClient } from './nouns/pool-client.ts';
import type { PoolClient } from './nouns/pool-client.ts';
import type { ModelClient } from './nouns/model-client.ts';
import { createPlanClient } from './nouns/plan-client.ts';
import type { PlanClient } from './nouns/plan-client.ts';
import { createRequestClient } from './nouns/request-client.ts';
import type { RequestClient } from './nouns/request-client.ts';
import { createTaskClient } from './nouns/task-client.ts';
import type { TaskClient } from './nouns/task-client.ts';
import { createTrainingClient } from './nouns/training-client.ts';
import type { TrainingClient } from './nouns/training-client.ts';
import { createWorkerClient } from './nouns/worker-client.ts';
import type { WorkerClient } from './nouns/worker-client.ts';

/** All methods reject with an `AppError`: the controller's own, or DAEMON_UNREACHABLE. */
export interface Client
  extends
    InstanceClient,
    WorkerClient,
    ModelClient,
    PoolClient,
    PlanClient,
    BatchClient,
    DeviceClient,
    TrainingClient,
    KeyClient,
    RequestClient,
    TaskClient {
  readonly endpoint: Endpoint;
  daemon(): Promise<DaemonStatusView>;
  /** The running daemon reads its settings again. */
  reloadDaemon(): Promise<ReloadView>;
  stopDaemon(options: { readonly all: boolean }): Promise<void>;
  status(): Promise<StatusView>;
  queue(): Promise<QueueView>;

  /** Results of benches, newest first. */
  benches(filter: {
    readonly kind: BenchKind;
    readonly subject?: string | undefined;
    readonly limit?: number;
  }): Promise<readonly BenchView[]>;
  saveBench(bench: BenchRequest): Promise<{ readonly id: number }>;

  /** A page of stored facts. */
  facts(options: {
    readonly after?: number;
    readonly limit?: number;
    /** Only the newest so many. */
    readonly last?: number;
    readonly subject?: string;
    readonly batch?: string;
  }): Promise<readonly FactView[]>;
  /** Facts as they happen, across cuts of the connection. */
  events(filter?: FactFilter): AsyncGenerator<FactView>;

  chat(request: ChatRequest): AsyncGenerator<ChatEvent>;
  /** Vectors of texts, as many numbers as the model has. */
  embed(model: string, input: readonly string[]): Promise<readonly (readonly number[])[]>;
}

/** Without a wait a cut ends a stream of facts. */
export function clientOver(ports: CallPorts): Client {
  const { transport, endpoint } = ports;
  const calls = createCalls(ports);
  const { call } = calls;
  return {
    ...createInstanceClient(calls),
    ...createWorkerClient(calls),
    ...createModelClient(calls),
    ...createPoolClient(calls),
    ...createPlanClient(calls),
    ...createBatchClient(calls),
    ...createDeviceClient(calls),
    ...createTrainingClient(calls),
    ...createKeyClient(calls),
    ...createRequestClient(calls),
    ...createTaskClient(calls, ports),
    endpoint,
    daemon: () => call('GET', '/v2/daemon'),
    reloadDaemon: () => call('POST', '/v2/daemon/reload'),
    stopDaemon: (body) => call('POST', '/v2/daemon/stop', body),
    status: () => call('GET', '/v2/status'),
    queue: () => call('GET', '/v2/queue'),

    benches: (filter) => call('GET', `/v2/benches${query(filter)}`),
    saveBench: (bench) => call('POST', '/v2/benches', bench),

    facts: (page) => call('GET', `/v2/facts${query(page)}`),
    events: (filter = {}) => followFacts(filter, ports),

    chat: (chat) => streamChat(chat, transport),
    embed: async (model, input) => {
      const { data } = await call<{ data: { embedding: number[] }[] }>('POST', '/v1/embeddings', { model, input });
      return data.map(({ embedding }) => embedding);
    },
  };
}
