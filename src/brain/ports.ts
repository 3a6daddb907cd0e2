/**
 * What the brain needs from its neighbours, declared here and given to it by the composition root. No behaviour.
 */

import type { AgentFrame, AttemptRef, DeviceReport, Grant, WorkerReport } from '../contract/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Loadable, ServedInstance } from './placement/situation.ts';

/** The way to the agents; the fleet implements it. Nothing here waits for an agent's answer: answers are events. */
export interface AgentPort {
  /** Hosts with a live link. */
  connected(): readonly string[];
  /** Of these the ones that have not been heard of for a while: nothing new is given to them. */
  silent(): readonly string[];
  /** The last report of a host's devices; empty when it never reported. */
  devices(host: string): readonly DeviceReport[];
  grant(host: string, grants: readonly Grant[]): void;
  signal(host: string, attempt: AttemptRef, signal: 'abort' | 'kill'): void;
  /** The whole set of the host's devices that take no new tasks for now, because a model is to be loaded there. */
  claim(host: string, devices: readonly string[]): void;
  /** The workers of the host's latest heartbeat. */
  workers(host: string): readonly WorkerReport[];
  /** The device takes nothing new until somebody releases it. Resolves when that is stored; once is enough. */
  quarantine(host: string, device: string, reason: string): Promise<void>;
}

/** The way to the models: what the brain uses of the gateway. Its calls are of class batch. */
export type InferencePort = Pick<Gateway, 'capacity' | 'generate' | 'acquireSlot' | 'restoreSlot'>;

/** Has models loaded and unloaded; the instance directory stands behind it. Both reject with an AppError that says why not. */
export interface ModelsPort {
  /** Resolves when an instance that serves the model is ready; with a device, one more is made there when none sleeps. */
  load(model: string, device?: string): Promise<void>;
  /** Resolves when none serves it any more, pinned ones left alone. */
  unload(model: string): Promise<void>;
  /** Puts one instance to sleep once it is idle; resolves when it has been told. */
  sleep(instance: string): Promise<void>;
  /** What is known now; a picture, not the owners' word. */
  instances(): readonly ServedInstance[];
  /** What another load of the model takes; null while that is not known, and where none may be made. */
  loadable(model: string): Loadable | null;
  /** Nothing can be told of a load before it is tried: a request has to ask for it. */
  comesByRequest(model: string): boolean;
  /** The host whose devices they are loaded into. */
  readonly host: string;
}

type Frame<K extends AgentFrame['kind']> = Extract<AgentFrame, { readonly kind: K }>;

/** What the brain reads of an agent's frames. */
export type AgentHello = Pick<Frame<'hello'>, 'host' | 'epoch' | 'attempts' | 'outcomes'>;
export type StartedReport = Omit<Frame<'started'>, 'kind'>;
export type DeclinedReport = Omit<Frame<'declined'>, 'kind'>;

/** The answer to a hello, for the `welcome` frame. */
export interface HelloAnswer {
  readonly revoke: readonly AttemptRef[];
  readonly acknowledged: readonly AttemptRef[];
}

/** The names that plans may use for models: instances, aliases and the catalogue's ids. */
export interface CataloguePort {
  modelNames(): Promise<readonly string[]>;
  /** What names the content of a model, by any of its names; null when it is not known. */
  modelDigest?(name: string): Promise<string | null>;
  /** How many parameters the models of the catalogue have, by their ids, as far as that is known. */
  modelParameters?(): Readonly<Record<string, number>>;
}
