/**
 * The typed client of the controller: one method per route of the management API, plus the stream of facts and a
 * streamed chat. The only way in which the command line, the screens and other programs talk to Drover.
 */

import type { DaemonStatusView, DeviceView, QueueView, ReloadView, StatusView } from '../contract/daemon.ts';
import type { SignalledDeviceView } from '../contract/signals.ts';
import type { DeviceRole } from '../contract/devices.ts';
import type { BenchKind, BenchRequest, BenchView } from '../contract/benches.ts';
import type { EscalationView } from '../contract/escalations.ts';
import type { FactView } from '../contract/facts.ts';
import type { InstanceDetailView, InstanceHealthView, InstanceView } from '../contract/instance-views.ts';
import type { ModelView } from '../contract/models.ts';
import type {
  BatchDetailView,
  BatchSummaryView,
  RetryRequest,
  SubmitView,
  TaskDetailView,
  TaskView,
} from '../contract/tasks.ts';
import type {
  ExportFormat,
  SampleKind,
  TrainingReviewRequest,
  TrainingSampleView,
  TrainingStatsView,
} from '../contract/training.ts';
import { streamChat } from './chat.ts';
import type { ChatEvent, ChatRequest } from './chat.ts';
import type { Endpoint } from './endpoint.ts';
import { followFacts } from './facts.ts';
import type { FactFilter } from './facts.ts';
import { createPlanClient } from './plan-client.ts';
import type { PlanClient } from './plan-client.ts';
import { readChunks, readJson } from './response.ts';
import { createTransport } from './transport.ts';
import type { Exchange, TransportOptions } from './transport.ts';

export interface ClientOptions extends TransportOptions {
  /** Waits between tries to reconnect a stream of facts; absent: a cut ends the stream. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

export interface StartRequest {
  /** False: answer when the agent has been told, not when the instance is ready. */
  readonly wait?: boolean | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface LogRequest {
  readonly stream?: 'stdout' | 'stderr' | 'both' | undefined;
  /** Lines from the end; absent: everything. */
  readonly tail?: number | undefined;
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SubmitBody {
  /** Absolute path of the plan folder on the controller's host. */
  readonly folder: string;
  readonly config?: Readonly<Record<string, unknown>>;
  readonly priority?: 'low' | 'normal' | 'high' | 'urgent' | number;
  readonly idempotency_key?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface TaskFilter {
  readonly states?: readonly string[] | undefined;
  readonly classes?: readonly string[] | undefined;
}

/** All methods reject with an `AppError`: the controller's own, or DAEMON_UNREACHABLE. */
export interface Client extends PlanClient {
  readonly endpoint: Endpoint;
  daemon(): Promise<DaemonStatusView>;
  /** The running daemon reads its settings again. */
  reloadDaemon(): Promise<ReloadView>;
  stopDaemon(options: { readonly all: boolean }): Promise<void>;
  status(): Promise<StatusView>;
  devices(): Promise<readonly DeviceView[]>;
  queue(): Promise<QueueView>;

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

  models(): Promise<readonly ModelView[]>;
  model(id: string): Promise<ModelView>;
  registerModel(model: { readonly id: string; readonly path: string; readonly source?: string }): Promise<ModelView>;
  registerDemoModel(): Promise<ModelView>;
  removeModel(id: string): Promise<void>;

  submit(body: SubmitBody): Promise<SubmitView>;
  batches(): Promise<readonly BatchSummaryView[]>;
  batch(id: string): Promise<BatchDetailView>;
  killBatch(id: string): Promise<BatchSummaryView>;
  pauseBatch(id: string): Promise<BatchSummaryView>;
  resumeBatch(id: string): Promise<BatchSummaryView>;
  retryBatch(id: string, request: RetryRequest): Promise<BatchSummaryView>;
  batchSummary(id: string): Promise<string>;
  tasks(batchId: string, filter?: TaskFilter): Promise<readonly TaskView[]>;
  task(batchId: string, task: string): Promise<TaskDetailView>;
  /** What runs is told, anything else ends now. */
  signalTask(batchId: string, task: string, signal: 'stop' | 'abort' | 'kill'): Promise<TaskDetailView>;
  taskLogs(
    batchId: string,
    task: string,
    options?: LogRequest & { readonly attempt?: number | undefined },
  ): AsyncGenerator<string>;

  escalations(filter?: { readonly status?: 'open' | 'all' }): Promise<readonly EscalationView[]>;
  escalation(id: string): Promise<EscalationView>;
  answerEscalation(id: string, answer: string): Promise<EscalationView>;

  /** By any name of the device, as in the next three. Null: as the settings of its host say. */
  setDeviceRoles(id: string, roles: readonly DeviceRole[] | null): Promise<DeviceView>;
  reserveDevice(
    id: string,
    options: { readonly forMs: number | null; readonly reason: string | null },
  ): Promise<DeviceView>;
  quarantineDevice(id: string, reason: string | null): Promise<DeviceView>;
  releaseDevice(id: string): Promise<DeviceView>;
  trainingStats(): Promise<TrainingStatsView>;
  /** The newest so many. */
  trainingSamples(filter: {
    readonly kind?: SampleKind | undefined;
    readonly unreviewed?: boolean;
    readonly limit?: number;
  }): Promise<readonly TrainingSampleView[]>;
  trainingSample(id: string): Promise<TrainingSampleView>;
  reviewTrainingSample(id: string, review: TrainingReviewRequest): Promise<TrainingSampleView>;
  /** Lines of JSON. */
  exportTraining(format: ExportFormat, signal?: AbortSignal): AsyncGenerator<string>;

  signalDevice(id: string, signal: 'stop' | 'abort' | 'kill' | 'resume'): Promise<SignalledDeviceView>;

  /** Results of benches, newest first. */
  benches(filter: {
    readonly kind: BenchKind;
    readonly subject?: string | undefined;
    readonly limit?: number;
  }): Promise<readonly BenchView[]>;
  saveBench(bench: BenchRequest): Promise<{ readonly id: number }>;
  /** Vectors of texts, as many numbers as the model has. */
  embed(model: string, input: readonly string[]): Promise<readonly (readonly number[])[]>;

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
}

export function createClient(options: ClientOptions): Client {
  const { endpoint, wait } = options;
  const transport = createTransport(options);

  async function call<T>(method: Exchange['method'], path: string, body?: unknown): Promise<T> {
    return readJson<T>(await transport({ method, path, body }), endpoint);
  }

  async function* stream(path: string, signal: AbortSignal | undefined): AsyncGenerator<string> {
    const response = await transport({ method: 'GET', path, signal });
    try {
      yield* readChunks(response, endpoint);
    } finally {
      response.destroy();
    }
  }

  async function text(path: string): Promise<string> {
    let whole = '';
    for await (const chunk of stream(path, undefined)) whole += chunk;
    return whole;
  }

  return {
    ...createPlanClient(transport, endpoint),
    endpoint,
    daemon: () => call('GET', '/v2/daemon'),
    reloadDaemon: () => call('POST', '/v2/daemon/reload'),
    stopDaemon: (body) => call('POST', '/v2/daemon/stop', body),
    status: () => call('GET', '/v2/status'),
    devices: () => call('GET', '/v2/devices'),
    queue: () => call('GET', '/v2/queue'),

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

    models: () => call('GET', '/v2/models'),
    model: (id) => call('GET', `/v2/models/${encodeURIComponent(id)}`),
    registerModel: (model) => call('POST', '/v2/models', model),
    registerDemoModel: () => call('POST', '/v2/models/demo'),
    removeModel: (id) => call('DELETE', `/v2/models/${encodeURIComponent(id)}`),

    submit: (body) => call('POST', '/v2/batches', body),
    batches: () => call('GET', '/v2/batches'),
    batch: (id) => call('GET', batchPath(id)),
    killBatch: (id) => call('POST', `${batchPath(id)}/kill`),
    pauseBatch: (id) => call('POST', `${batchPath(id)}/pause`),
    resumeBatch: (id) => call('POST', `${batchPath(id)}/resume`),
    retryBatch: (id, request) => call('POST', `${batchPath(id)}/retry`, request),
    batchSummary: (id) => text(`${batchPath(id)}/summary`),
    tasks: (id, filter = {}) => call('GET', `${batchPath(id)}/tasks${taskQuery(filter)}`),
    task: (id, task) => call('GET', taskPath(id, task)),
    taskLogs: (id, task, logs = {}) =>
      stream(`${taskPath(id, task)}/logs${logQuery(logs, { attempt: logs.attempt })}`, logs.signal),

    signalTask: (id, task, signal) => call('POST', `${taskPath(id, task)}/signal`, { signal }),
    setDeviceRoles: (id, roles) => call('PUT', `${devicePath(id)}/roles`, { roles }),
    reserveDevice: (id, { forMs, reason }) => call('POST', `${devicePath(id)}/reserve`, { for_ms: forMs, reason }),
    quarantineDevice: (id, reason) => call('POST', `${devicePath(id)}/quarantine`, { reason }),
    releaseDevice: (id) => call('POST', `${devicePath(id)}/release`),
    signalDevice: (id, signal) => call('POST', `/v2/devices/${encodeURIComponent(id)}/signal`, { signal }),

    escalations: (filter = {}) => call('GET', `/v2/escalations${query(filter)}`),
    escalation: (id) => call('GET', escalationPath(id)),
    answerEscalation: (id, answer) => call('POST', `${escalationPath(id)}/answer`, { answer }),

    trainingStats: () => call('GET', '/v2/training'),
    trainingSamples: ({ kind, unreviewed, limit }) =>
      call('GET', `/v2/training/samples${query({ kind, unreviewed: unreviewed ? 'true' : undefined, limit })}`),
    trainingSample: (id) => call('GET', samplePath(id)),
    reviewTrainingSample: (id, review) => call('POST', `${samplePath(id)}/review`, review),
    exportTraining: (format, signal) => stream(`/v2/training/export${query({ format })}`, signal),

    benches: (filter) => call('GET', `/v2/benches${query(filter)}`),
    saveBench: (bench) => call('POST', '/v2/benches', bench),
    embed: async (model, input) => {
      const { data } = await call<{ data: { embedding: number[] }[] }>('POST', '/v1/embeddings', { model, input });
      return data.map(({ embedding }) => embedding);
    },

    facts: (page) => call('GET', `/v2/facts${query(page)}`),
    events: (filter = {}) => followFacts(filter, { transport, endpoint, wait }),
    chat: (chat) => streamChat(chat, { transport, endpoint }),
  };
}

function instancePath(name: string): string {
  return `/v2/instances/${encodeURIComponent(name)}`;
}

function batchPath(id: string): string {
  return `/v2/batches/${encodeURIComponent(id)}`;
}

function taskPath(batchId: string, task: string): string {
  return `${batchPath(batchId)}/tasks/${encodeURIComponent(task)}`;
}

function devicePath(id: string): string {
  return `/v2/devices/${encodeURIComponent(id)}`;
}

function samplePath(id: string): string {
  return `/v2/training/samples/${encodeURIComponent(id)}`;
}

function escalationPath(id: string): string {
  return `/v2/escalations/${encodeURIComponent(id)}`;
}

function startBody({ wait, timeoutMs }: StartRequest): object {
  return { wait, timeout_ms: timeoutMs };
}

function logQuery(
  { stream, tail, follow }: LogRequest,
  more: Readonly<Record<string, string | number | undefined>> = {},
): string {
  return query({ stream, tail, follow: follow ? 'true' : undefined, ...more });
}

function taskQuery({ states, classes }: TaskFilter): string {
  return query({ state: states?.join(','), class: classes?.join(',') });
}

function query(values: Readonly<Record<string, string | number | undefined>>): string {
  const given = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) if (value !== undefined) given.set(key, String(value));
  return given.size === 0 ? '' : `?${given}`;
}
