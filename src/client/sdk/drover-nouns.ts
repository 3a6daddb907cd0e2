/**
 * The SDK that other programs import: what the client can do, noun by noun, and patient: what the controller refuses for
 * now is asked again after the time that it names.
 */

import { systemClock } from '../../kernel/clock.ts';
import { clientOver } from '../client.ts';
import type { Client } from '../client.ts';
import type { Endpoint } from '../transport/endpoint.ts';
import { patient } from '../transport/retry-after.ts';
import type { Transport } from '../transport/transport.ts';

export interface DroverOptions {
  /** `http://HOST:PORT`; on Node also the path of a socket, or `ssh://USER@HOST`. */
  readonly host?: string | undefined;
  /** Of `drover key create`. */
  readonly key?: string | undefined;
  /** How often a request is sent again that was refused for now; absent: twice. */
  readonly maxRetries?: number | undefined;
  /** Aborts all that runs; its reason is what callers see. */
  readonly signal?: AbortSignal | undefined;
}

export interface SdkPorts {
  readonly endpoint: Endpoint;
  readonly transport: Transport;
}

const RETRIES = 2;

/** All methods reject with an `AppError`: the controller's own, or DAEMON_UNREACHABLE. */
export class DroverNouns {
  /** All that a command can ask for, by the names of the commands. */
  readonly client: Client;
  readonly models: ReturnType<typeof modelsOf>;
  readonly instances: ReturnType<typeof instancesOf>;
  readonly workers: ReturnType<typeof workersOf>;
  readonly batches: ReturnType<typeof batchesOf>;
  readonly tasks: ReturnType<typeof tasksOf>;
  readonly sessions: ReturnType<typeof sessionsOf>;
  readonly facts: ReturnType<typeof factsOf>;
  /** A chat completion as it comes. Stop reading to abort it. */
  readonly chat: Client['chat'];
  readonly embed: Client['embed'];

  constructor({ endpoint, transport }: SdkPorts, { maxRetries = RETRIES, signal }: DroverOptions) {
    const wait = (ms: number, wake?: AbortSignal): Promise<void> => systemClock.sleep(ms, wake ?? signal);
    const client = clientOver({ endpoint, transport: patient(transport, { retries: maxRetries, wait }), wait });
    this.client = client;
    this.models = modelsOf(client);
    this.instances = instancesOf(client);
    this.workers = workersOf(client);
    this.batches = batchesOf(client);
    this.tasks = tasksOf(client);
    this.sessions = sessionsOf(client);
    this.facts = factsOf(client);
    this.chat = client.chat;
    this.embed = client.embed;
  }
}

function modelsOf(client: Client) {
  return {
    list: client.models,
    get: client.model,
    /** What can be pulled by a short name. */
    catalog: client.catalog,
    pull: client.pullModel,
    downloads: client.downloads,
    cancelDownload: client.cancelDownload,
    register: client.registerModel,
    unregister: client.retireModel,
    verify: client.verifyModel,
    remove: client.removeModel,
  };
}

function instancesOf(client: Client) {
  return {
    list: client.instances,
    get: client.instance,
    configure: client.configureInstance,
    start: client.startInstance,
    stop: client.stopInstance,
    restart: client.restartInstance,
    drain: client.drainInstance,
    health: client.instanceHealth,
    logs: client.instanceLogs,
    remove: client.removeInstance,
  };
}

/** Instances without a config. */
function workersOf(client: Client) {
  return { list: client.workers, spawn: client.spawnWorker, stop: client.stopInstance, logs: client.instanceLogs };
}

function batchesOf(client: Client) {
  return {
    submit: client.submit,
    list: client.batches,
    get: client.batch,
    tasks: client.tasks,
    task: client.task,
    taskLogs: client.taskLogs,
    progress: client.batchProgress,
    summary: client.batchSummary,
    runSummary: client.runSummary,
    pause: client.pauseBatch,
    resume: client.resumeBatch,
    retry: client.retryBatch,
    kill: client.killBatch,
  };
}

/** Inference tasks; those of a batch are with it. */
function tasksOf(client: Client) {
  return {
    create: client.createTask,
    list: client.inferenceTasks,
    get: client.inferenceTask,
    /** To the last event, across cuts of the connection. */
    stream: client.streamTask,
    cancel: client.cancelTask,
  };
}

function sessionsOf(client: Client) {
  return {
    list: client.inferenceSessions,
    get: client.inferenceSession,
    setBudget: client.setSessionBudget,
    remove: client.removeSession,
  };
}

function factsOf(client: Client) {
  return {
    /** A page of stored facts. */
    list: client.facts,
    /** As they happen, across cuts of the connection. */
    stream: client.events,
  };
}
