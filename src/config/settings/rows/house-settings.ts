/** Settings of the daemons themselves: the front door, what they log, the store. */

import { LOG_LEVELS } from '../../../kernel/index.ts';
import type { LogLevel } from '../../../kernel/index.ts';
import { homePaths } from '../../paths.ts';
import { address, databaseUrl, integer, oneOf, truth } from '../setting-kinds.ts';
import type { SettingKind } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface HouseSettings {
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
}

const logLevelOrNone: SettingKind<LogLevel | null> = oneOf(LOG_LEVELS);

export const HOUSE_SETTINGS: SettingTable<HouseSettings> = {
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
    kind: address,
    about: 'Address of the front door; one beyond this machine needs a key (drover key create).',
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
};
