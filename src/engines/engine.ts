/**
 * The engine port: what a supervisor needs to know about one kind of inference server in order to run it. An engine
 * locates its program, builds the command line and reads the server's answers; it starts nothing and keeps no state.
 */

import type { ENGINE_KINDS } from '../contract/instance-config.ts';
import type { Health, InstanceSpec } from '../contract/instances.ts';

export type EngineKind = (typeof ENGINE_KINDS)[number];

/** One flag as a program's `--help` tells it. */
export interface HelpFlag {
  readonly names: readonly string[];
  readonly takesValue: boolean;
  /** The variable that is read in its place. */
  readonly env: string | null;
}

/** By each spelling. */
export type EngineFlags = ReadonlyMap<string, HelpFlag>;

/** A program that was found and asked for its version and its flags. */
export interface EngineBinary {
  readonly file: string;
  /** Arguments that come before all flags, e.g. the script that `node` runs. */
  readonly leadingArgs: readonly string[];
  readonly version: string;
  /** What `--help` names; null when the program does not tell. */
  readonly flags: EngineFlags | null;
  /** Where it was found. */
  readonly origin: 'config' | 'environment' | 'path' | 'built' | 'packaged';
}

/** A device that was chosen for a launch. `index` counts within the backend, as its own tools do. */
export interface LaunchDevice {
  readonly id: string;
  readonly backend: InstanceSpec['gpu']['backend'];
  readonly index: number;
  /** The vendor's unique id, where there is one (`GPU-…` for NVIDIA). */
  readonly uuid: string | null;
}

/** All that a launch adds to the spec: whatever was `auto` is decided here. */
export interface LaunchContext {
  readonly binary: EngineBinary;
  readonly port: number;
  /** Null: the engine serves without a key. */
  readonly key: string | null;
  readonly threads: number;
  /** Empty: the CPU. */
  readonly devices: readonly LaunchDevice[];
  /** The environment to inherit from. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

export interface EngineCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment of the process: inherited, scrubbed, then the spec's own. Holds the key. */
  readonly env: Readonly<Record<string, string>>;
  /** For people: device variables, program and arguments, word by word, with `{key}` in the place of the key. */
  readonly shown: readonly string[];
}

/** What is known of a launch while it runs. */
export type RunningContext = Pick<LaunchContext, 'port' | 'key' | 'environment'>;

/** Where a server that we do not start is reached. */
export interface RemoteEndpoint {
  /** Without `/v1` and without a slash at the end. */
  readonly url: string;
  readonly key: string | null;
}

/** The outcome of one HTTP probe. */
export type ProbeReply =
  | { readonly kind: 'response'; readonly status: number; readonly body: string }
  | { readonly kind: 'refused' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'failed'; readonly message: string };

/** What a probe means. `wrong-path` asks for the next of the engine's health paths. */
export type HealthReading =
  | { readonly health: Exclude<Health, 'unknown'>; readonly detail: string | null }
  | { readonly health: 'wrong-path' };

export interface SlotReading {
  readonly id: number;
  readonly busy: boolean;
  /** Tokens the slot can hold; null when the engine does not tell. */
  readonly contextSize: number | null;
  /** Another number: another request; kept when it is over. Null when the engine does not tell. */
  readonly taskId: number | null;
  /** Tokens of the prompt that have been read; rises before the first token is generated. */
  readonly promptTokensDone: number | null;
  /** Rises while the slot generates: a busy slot whose numbers all stand still hangs. */
  readonly tokensDecoded: number | null;
}

export interface SlotsReading {
  readonly total: number;
  readonly busy: number;
  readonly slots: readonly SlotReading[];
}

/** What every kind of engine tells of a running server. Pure. */
export interface EngineReader {
  /** Paths to probe, in order; the next one is tried after a `wrong-path`. */
  healthPaths(spec: InstanceSpec): readonly string[];
  classifyHealth(reply: ProbeReply): HealthReading;
  /** Null when the body is no slots answer. */
  parseSlots(body: string): SlotsReading | null;
  /** Tokens that one request has room for, from the answer of `/props`. Null when it does not tell. */
  parseContextSize(body: string): number | null;
  /**
   * The model's name in requests to the server, read from the answer of its `/v1/models` (null: there was none). Null
   * when the instance's own name will do.
   */
  servedModel(spec: InstanceSpec, modelsBody: string | null): string | null;
}

/** An engine that is a program of this machine. All methods but `locate` are pure. */
export interface ProgramEngine extends EngineReader {
  readonly kind: Exclude<EngineKind, 'remote'>;
  /**
   * Finds the program for a spec and reads its version and flags. Rejects with ENGINE_NOT_FOUND (and the command that
   * mends it as hint) when there is none.
   */
  locate(spec: Pick<InstanceSpec, 'engine' | 'gpu'>, signal?: AbortSignal): Promise<EngineBinary>;
  buildCommand(spec: InstanceSpec, context: LaunchContext): EngineCommand;
  /** A program to run before the first signal; null: SIGTERM ends the engine. */
  stopCommand(spec: InstanceSpec, context: RunningContext): EngineCommand | null;
}

/** An engine that runs elsewhere: probed and used, never started. Pure. */
export interface RemoteEngine extends EngineReader {
  readonly kind: 'remote';
  /** Throws CONFIG_INVALID when the key's variable is not set. */
  endpoint(spec: InstanceSpec, environment: LaunchContext['environment']): RemoteEndpoint;
}

export type Engine = ProgramEngine | RemoteEngine;
