/**
 * The daemon's own settings: flag over environment over `$DROVER_HOME/config.json` over default, each value with its
 * origin. What the settings mean is the business of whoever receives them.
 */

import { parseDuration } from '../contract/durations.ts';
import { LOG_LEVELS } from '../kernel/index.ts';
import type { LogLevel } from '../kernel/index.ts';
import { readJsonFile } from './json-file.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { homePaths } from './paths.ts';
import type { Environment } from './paths.ts';
import type { ConfigProblem } from './problem.ts';

export interface Settings {
  /** Front door. */
  readonly port: number;
  readonly bind: string;
  readonly logLevel: LogLevel;
  /** May a command start the daemon? */
  readonly autostart: boolean;
  readonly databaseUrl: string;
  /** E.g. `5x6144`: five simulated cards of 6144 MB; null: real devices. */
  readonly simulateRig: string | null;
  /** Where the agent starts looking for ports of instances. */
  readonly instancePortFrom: number;
  readonly queuePerModel: number;
  readonly bodyBytes: number;
  readonly queueTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly taskTimeoutMs: number;
}

export type SettingOrigin = 'flag' | 'environment' | 'file' | 'default';

export type SettingName = keyof Settings;

/** What was read, or what is wrong with it: `problem` completes the sentence `NAME …`. */
type Reading<T> = { readonly value: T } | { readonly problem: string };

interface Setting<T> {
  /** The key in the file. */
  readonly key: string;
  readonly env?: string;
  readonly read: (raw: unknown) => Reading<T>;
  readonly fallback: (home: string) => T;
}

type SettingTable = { readonly [K in SettingName]: Setting<Settings[K]> };

export const SETTINGS: SettingTable = {
  port: { key: 'port', env: 'DROVER_PORT', read: integer(0, 65_535), fallback: () => 8080 },
  bind: { key: 'bind', env: 'DROVER_BIND', read: loopback, fallback: () => '127.0.0.1' },
  logLevel: { key: 'log_level', env: 'DROVER_LOG_LEVEL', read: oneOf(LOG_LEVELS), fallback: () => 'info' },
  autostart: { key: 'autostart', env: 'DROVER_AUTOSTART', read: truth, fallback: () => true },
  databaseUrl: {
    key: 'database_url',
    env: 'DROVER_DATABASE_URL',
    read: databaseUrl,
    fallback: (home) => `sqlite:${homePaths(home).database}`,
  },
  simulateRig: { key: 'simulate_rig', env: 'DROVER_SIMULATE_RIG', read: rig, fallback: () => null },
  instancePortFrom: { key: 'instance_port_from', read: integer(1, 65_535), fallback: () => 8001 },
  queuePerModel: { key: 'queue_per_model', read: integer(0, 100_000), fallback: () => 100 },
  bodyBytes: { key: 'body_bytes', read: integer(1_024, 1_073_741_824), fallback: () => 33_554_432 },
  queueTimeoutMs: { key: 'queue_timeout', read: duration, fallback: () => 300_000 },
  firstByteTimeoutMs: { key: 'first_byte_timeout', read: duration, fallback: () => 300_000 },
  requestTimeoutMs: { key: 'request_timeout', read: duration, fallback: () => 1_800_000 },
  taskTimeoutMs: { key: 'task_timeout', read: duration, fallback: () => 1_800_000 },
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

export interface SettingSources {
  readonly home: string;
  readonly env: Environment;
  /** By setting name, as typed; undefined counts as not given. */
  readonly flags?: { readonly [K in SettingName]?: string | undefined };
}

export type SettingsResult =
  | {
      readonly kind: 'loaded';
      readonly settings: Settings;
      readonly origins: Readonly<Record<SettingName, SettingOrigin>>;
    }
  | { readonly kind: 'invalid'; readonly problems: readonly ConfigProblem[] };

/** Reads the file and the given environment; touches nothing. */
export function loadSettings(sources: SettingSources): SettingsResult {
  const file = homePaths(sources.home).configFile;
  const read = readJsonFile(file);
  if (read.kind === 'broken') return { kind: 'invalid', problems: read.problems };
  const values = read.kind === 'read' ? read.value : {};
  const problems = unknownKeys(file, values);
  const resolve = <K extends SettingName>(name: K): Resolved<Settings[K]> => {
    const resolved = resolveSetting(SETTINGS[name], rawsOf(name, file, values, sources), sources.home);
    if (resolved.problem) problems.push(resolved.problem);
    return resolved;
  };
  const resolved = resolveAll(resolve);
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'loaded', ...resolved };
}

interface Resolved<T> {
  readonly value: T;
  readonly origin: SettingOrigin;
  readonly problem?: ConfigProblem;
}

interface Raw {
  readonly origin: Exclude<SettingOrigin, 'default'>;
  readonly file: string;
  readonly path: string;
  readonly raw: unknown;
}

/** Where a value may come from, strongest first. An empty variable counts as unset. */
function rawsOf(
  name: SettingName,
  file: string,
  values: Readonly<Record<string, unknown>>,
  sources: SettingSources,
): Raw[] {
  const { key, env } = SETTINGS[name];
  const raws: Raw[] = [
    { origin: 'flag', file: 'command line', path: `--${key.replaceAll('_', '-')}`, raw: sources.flags?.[name] },
    ...(env === undefined
      ? []
      : [{ origin: 'environment' as const, file: 'environment', path: env, raw: sources.env[env] || undefined }]),
    { origin: 'file', file, path: key, raw: values[key] },
  ];
  return raws.filter(({ raw }) => raw !== undefined);
}

function resolveSetting<T>(setting: Setting<T>, raws: readonly Raw[], home: string): Resolved<T> {
  const [winner] = raws;
  if (winner === undefined) return { value: setting.fallback(home), origin: 'default' };
  const reading = setting.read(winner.raw);
  if ('value' in reading) return { value: reading.value, origin: winner.origin };
  const { file, path, origin } = winner;
  const problem: ConfigProblem = { file, path, message: reading.problem, hint: null, severity: 'error' };
  return { value: setting.fallback(home), origin, problem };
}

function resolveAll(resolve: <K extends SettingName>(name: K) => Resolved<Settings[K]>): {
  settings: Settings;
  origins: Record<SettingName, SettingOrigin>;
} {
  const entries = SETTING_NAMES.map((name) => [name, resolve(name)] as const);
  return {
    // Each name was resolved by its own row of the table, whose type is that of the setting.
    settings: Object.fromEntries(entries.map(([name, { value }]) => [name, value])) as unknown as Settings,
    origins: Object.fromEntries(entries.map(([name, { origin }]) => [name, origin])) as Record<
      SettingName,
      SettingOrigin
    >,
  };
}

function unknownKeys(file: string, values: Readonly<Record<string, unknown>>): ConfigProblem[] {
  const known = ['$schema', ...SETTING_NAMES.map((name) => SETTINGS[name].key)];
  return Object.keys(values)
    .filter((key) => !known.includes(key))
    .map((key) => ({
      file,
      path: key,
      message: 'unknown setting',
      hint: didYouMean(key, known) ?? `known settings: ${known.slice(1).join(', ')}`,
      severity: 'error',
    }));
}

function integer(min: number, max: number): (raw: unknown) => Reading<number> {
  return (raw) => {
    const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return { value };
    return { problem: `must be a whole number from ${min} to ${max}, not ${JSON.stringify(raw)}` };
  };
}

function oneOf<T extends string>(choices: readonly T[]): (raw: unknown) => Reading<T> {
  return (raw) => {
    const value = choices.find((choice) => choice === raw);
    return value === undefined
      ? { problem: `must be one of ${choices.join(', ')}, not ${JSON.stringify(raw)}` }
      : { value };
  };
}

function truth(raw: unknown): Reading<boolean> {
  if (raw === true || raw === '1' || raw === 'true' || raw === 'yes' || raw === 'on') return { value: true };
  if (raw === false || raw === '0' || raw === 'false' || raw === 'no' || raw === 'off') return { value: false };
  return { problem: `must be true or false (1 or 0), not ${JSON.stringify(raw)}` };
}

function duration(raw: unknown): Reading<number> {
  const value = typeof raw === 'string' || typeof raw === 'number' ? parseDuration(raw) : null;
  return value === null || value === 0
    ? { problem: `must be a duration such as 30s, 5m or a number of seconds, not ${JSON.stringify(raw)}` }
    : { value };
}

function loopback(raw: unknown): Reading<string> {
  if (raw === 'localhost' || raw === '::1' || (typeof raw === 'string' && /^127(?:\.\d{1,3}){3}$/.test(raw))) {
    return { value: raw };
  }
  return {
    problem: `must be a loopback address: without an API key nothing else is served, not ${JSON.stringify(raw)}`,
  };
}

function databaseUrl(raw: unknown): Reading<string> {
  if (typeof raw === 'string' && /^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/.test(raw)) return { value: raw };
  return { problem: 'must be sqlite:PATH or postgres://…' };
}

function rig(raw: unknown): Reading<string | null> {
  if (typeof raw === 'string' && /^[1-9]\d{0,3}x[1-9]\d{1,6}$/.test(raw)) return { value: raw };
  return { problem: `must be COUNTxMEGABYTES such as 5x6144, not ${JSON.stringify(raw)}` };
}
