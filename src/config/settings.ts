/**
 * The daemon's own settings, as one table: the key in `$DROVER_HOME/config.json`, the variable, the kind of value, what
 * it is for, and when a change counts. How they are read is `load-settings.ts`.
 */

import { LOG_LEVELS } from '../kernel/index.ts';
import type { LogLevel } from '../kernel/index.ts';
import type { DeviceRole } from '../contract/devices.ts';
import { brainModel } from './brain-setting.ts';
import type { BrainSetting } from './brain-setting.ts';
import { homePaths } from './paths.ts';
import {
  databaseUrl,
  deviceAliases,
  deviceNames,
  deviceRoles,
  duration,
  folders,
  integer,
  loopback,
  oneOf,
  rig,
  truth,
  webAddress,
  freeText,
} from './setting-kinds.ts';
import type { SettingKind } from './setting-kinds.ts';

export interface Settings {
  readonly port: number;
  readonly bind: string;
  readonly logLevel: LogLevel;
  /** Null: as `logLevel`. */
  readonly gpuLogLevel: LogLevel | null;
  readonly executorLogLevel: LogLevel | null;
  readonly workerLogLevel: LogLevel | null;
  readonly brainLogLevel: LogLevel | null;
  readonly autostart: boolean;
  readonly databaseUrl: string;
  /** Null: real devices. */
  readonly simulateRig: string | null;
  readonly localAgent: boolean;
  /** Null: all there are. */
  readonly devices: readonly string[] | null;
  /** Device ids or UUIDs by the names that people gave them. */
  readonly deviceAliases: Readonly<Record<string, string>>;
  /** Work that devices take, by any name of a device; one that is not named takes all. */
  readonly deviceRoles: Readonly<Record<string, readonly DeviceRole[]>>;
  readonly taskMemoryPercent: number;
  readonly pauseHot: boolean;
  /** Null: the brain goes by its rules alone. */
  readonly brain: BrainSetting | null;
  /** Every prompt of plans and of the brain is kept with its answer. */
  readonly training: boolean;
  readonly instancePortFrom: number;
  readonly ephemeralIdleTtlMs: number;
  readonly factsKeepDays: number;
  /** Further folders in which plans with a name lie. */
  readonly planFolders: readonly string[];
  /** Newest runs of each plan that are kept whole; 0: all. */
  readonly planRunsKeep: number;
  readonly queuePerModel: number;
  readonly bodyBytes: number;
  readonly queueTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly stuckAfterMs: number;
  readonly stuckStepMs: number;
  readonly repair: 'off' | 'suggest' | 'auto';
  /** Null: none. */
  readonly escalationWebhook: string | null;
  /** Null: none. */
  readonly escalationCommand: string | null;
  /** Null: no model is asked. */
  readonly escalationModelUrl: string | null;
  readonly escalationModel: string | null;
  readonly escalationModelKey: string | null;
  readonly escalationModelAnswers: boolean;
  /** Null: none. */
  readonly secretCommand: string | null;
}

export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default';

export type SettingName = keyof Settings;

export interface Setting<T> {
  /** The key in the file. */
  readonly key: string;
  readonly env?: string;
  readonly kind: SettingKind<T>;
  /** What it is for, in a sentence. */
  readonly about: string;
  /** When a change counts: with the next command, at once in the running daemon, or after its restart. */
  readonly counts: 'next-command' | 'live' | 'after-restart';
  readonly fallback: (home: string) => T;
}

const logLevelOrNone: SettingKind<LogLevel | null> = oneOf(LOG_LEVELS);

type SettingTable = { readonly [K in SettingName]: Setting<Settings[K]> };

export const SETTINGS: SettingTable = {
  port: {
    key: 'port',
    env: 'DROVER_PORT',
    kind: integer(0, 65_535),
    about: 'Port of the front door.',
    counts: 'after-restart',
    fallback: () => 8080,
  },
  bind: {
    key: 'bind',
    env: 'DROVER_BIND',
    kind: loopback,
    about: 'Address of the front door.',
    counts: 'after-restart',
    fallback: () => '127.0.0.1',
  },
  logLevel: {
    key: 'log_level',
    env: 'DROVER_LOG_LEVEL',
    kind: oneOf(LOG_LEVELS),
    about: 'Least level that the daemons log.',
    counts: 'live',
    fallback: () => 'info',
  },
  gpuLogLevel: {
    key: 'gpu_log_level',
    env: 'GPU_LOG_LEVEL',
    kind: logLevelOrNone,
    about: 'The same for devices: probes, memory, conditions.',
    counts: 'live',
    fallback: () => null,
  },
  executorLogLevel: {
    key: 'executor_log_level',
    env: 'EXECUTOR_LOG_LEVEL',
    kind: logLevelOrNone,
    about: 'The same for the executor of a host: grants, places, instances.',
    counts: 'live',
    fallback: () => null,
  },
  workerLogLevel: {
    key: 'worker_log_level',
    env: 'WORKER_LOG_LEVEL',
    kind: logLevelOrNone,
    about: 'The same for task workers: starts, ends, signals.',
    counts: 'live',
    fallback: () => null,
  },
  brainLogLevel: {
    key: 'brain_log_level',
    env: 'BRAIN_LOG_LEVEL',
    kind: logLevelOrNone,
    about: 'The same for the brain: releases, failures, decisions.',
    counts: 'live',
    fallback: () => null,
  },
  autostart: {
    key: 'autostart',
    env: 'DROVER_AUTOSTART',
    kind: truth,
    about: 'May a command start the daemon?',
    counts: 'next-command',
    fallback: () => true,
  },
  databaseUrl: {
    key: 'database_url',
    env: 'DROVER_DATABASE_URL',
    kind: databaseUrl,
    about: 'The store: sqlite:PATH or postgres://….',
    counts: 'after-restart',
    fallback: (home) => `sqlite:${homePaths(home).database}`,
  },
  simulateRig: {
    key: 'simulate_rig',
    env: 'DROVER_SIMULATE_RIG',
    kind: rig,
    about: 'Simulated cards, e.g. 5x6144: five of 6144 MB.',
    counts: 'after-restart',
    fallback: () => null,
  },
  localAgent: {
    key: 'local_agent',
    kind: truth,
    about: 'Does the controller keep an agent on its own machine?',
    counts: 'after-restart',
    fallback: () => true,
  },
  devices: {
    key: 'devices',
    kind: deviceNames,
    about: 'The only devices that the agent of this machine offers, by any of their names.',
    counts: 'after-restart',
    fallback: () => null,
  },
  deviceAliases: {
    key: 'device_aliases',
    kind: deviceAliases,
    about: 'Names for devices, each with a device id or UUID.',
    counts: 'after-restart',
    fallback: () => ({}),
  },
  deviceRoles: {
    key: 'device_roles',
    kind: deviceRoles,
    about: 'Work that devices take: tasks, instances, brain, or off, by any of their names. Others take all.',
    counts: 'after-restart',
    fallback: () => ({}),
  },
  taskMemoryPercent: {
    key: 'task_memory_percent',
    kind: integer(1, 100),
    about: "Percent of a device's memory that plan tasks may reserve, instances counted in.",
    counts: 'after-restart',
    fallback: () => 80,
  },
  pauseHot: {
    key: 'pause_hot',
    kind: truth,
    about: 'Are pausable tasks stopped while their device is too hot?',
    counts: 'after-restart',
    fallback: () => true,
  },
  brain: {
    key: 'brain',
    env: 'DROVER_BRAIN',
    kind: brainModel,
    about: "The brain's own model, and the cards that it is split over.",
    counts: 'after-restart',
    fallback: () => null,
  },
  training: {
    key: 'training',
    env: 'DROVER_TRAINING',
    kind: truth,
    about: 'Are prompts kept with their answers, in training/training_samples.jsonl?',
    counts: 'live',
    fallback: () => true,
  },
  instancePortFrom: {
    key: 'instance_port_from',
    kind: integer(1, 65_535),
    about: 'Where the agent starts looking for ports of instances.',
    counts: 'after-restart',
    fallback: () => 8001,
  },
  ephemeralIdleTtlMs: {
    key: 'ephemeral_idle_ttl',
    kind: duration,
    about: 'How long an instance that a request made stays without another one.',
    counts: 'live',
    fallback: () => 600_000,
  },
  factsKeepDays: {
    key: 'facts_keep_days',
    kind: integer(1, 36_500),
    about: 'Days for which facts are kept.',
    counts: 'live',
    fallback: () => 30,
  },
  planFolders: {
    key: 'plan_folders',
    env: 'DROVER_PLAN_FOLDERS',
    kind: folders,
    about: 'Further folders in which plans with a name lie, as absolute paths.',
    counts: 'live',
    fallback: () => [],
  },
  planRunsKeep: {
    key: 'plan_runs_keep',
    kind: integer(0, 1_000_000),
    about: 'Newest runs of each plan that are kept whole; of older ones only the summary stays. 0 keeps all.',
    counts: 'live',
    fallback: () => 0,
  },
  queuePerModel: {
    key: 'queue_per_model',
    kind: integer(0, 100_000),
    about: 'Requests that may wait for one model.',
    counts: 'live',
    fallback: () => 100,
  },
  bodyBytes: {
    key: 'body_bytes',
    kind: integer(1_024, 1_073_741_824),
    about: 'Largest body of a request.',
    counts: 'live',
    fallback: () => 33_554_432,
  },
  queueTimeoutMs: {
    key: 'queue_timeout',
    kind: duration,
    about: 'Longest wait of a request for a slot.',
    counts: 'live',
    fallback: () => 300_000,
  },
  firstByteTimeoutMs: {
    key: 'first_byte_timeout',
    kind: duration,
    about: 'Longest wait for the first byte of an engine.',
    counts: 'live',
    fallback: () => 300_000,
  },
  requestTimeoutMs: {
    key: 'request_timeout',
    kind: duration,
    about: 'Longest time for a whole request.',
    counts: 'live',
    fallback: () => 1_800_000,
  },
  stuckAfterMs: {
    key: 'stuck_after',
    kind: duration,
    about: 'Silence after which a running task counts as stuck, where its plan does not say.',
    counts: 'live',
    fallback: () => 1_200_000,
  },
  stuckStepMs: {
    key: 'stuck_step',
    kind: duration,
    about: 'From one step against a stuck task to the next: abort, kill, a person.',
    counts: 'live',
    fallback: () => 120_000,
  },
  repair: {
    key: 'repair',
    kind: oneOf(['off', 'suggest', 'auto']),
    about:
      "What becomes of a patch that the brain's model proposes: none is asked for, it waits for a yes, or it is tried.",
    counts: 'live',
    fallback: () => 'suggest',
  },
  escalationWebhook: {
    key: 'escalation_webhook',
    kind: webAddress,
    about: 'Where escalations are posted as JSON, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationCommand: {
    key: 'escalation_command',
    kind: freeText,
    about: 'A bash command that is run for each escalation, with its JSON on stdin, or off.',
    counts: 'live',
    fallback: () => null,
  },
  secretCommand: {
    key: 'secret_command',
    kind: freeText,
    about: 'A bash command that prints the value of the secret named by $1, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModelUrl: {
    key: 'escalation_model_url',
    kind: webAddress,
    about: 'An Anthropic-compatible server (its /v1/messages is called) that is asked about each escalation, or off.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModel: {
    key: 'escalation_model',
    kind: freeText,
    about: 'Name of the model that is asked there.',
    counts: 'live',
    fallback: () => null,
  },
  escalationModelKey: {
    key: 'escalation_model_key',
    kind: freeText,
    about: "Name of the variable in the daemon's environment that holds the key for it.",
    counts: 'live',
    fallback: () => 'ANTHROPIC_API_KEY',
  },
  escalationModelAnswers: {
    key: 'escalation_model_answers',
    kind: truth,
    about: 'Does what that model says count as the answer? Else it is kept as a suggestion.',
    counts: 'live',
    fallback: () => false,
  },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** The JSON Schema of the file, for editors, generated from the table that reads it. */
export function settingsJsonSchema(): Readonly<Record<string, unknown>> {
  const fields = SETTING_NAMES.map((name) => {
    const { key, kind, about, env } = SETTINGS[name];
    return [key, { ...kind.schema, description: env === undefined ? about : `${about} (${env})` }] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'Drover settings',
    type: 'object',
    properties: { $schema: { type: 'string' }, ...Object.fromEntries(fields) },
    additionalProperties: false,
  };
}
