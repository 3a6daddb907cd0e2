/**
 * Reads the daemon's settings: flag over environment over `$DROVER_HOME/config.json` over default, each value with its
 * origin. Touches nothing.
 */

import { didYouMean } from '../../kernel/nearest.ts';
import { readJsonFile } from '../reading/json-file.ts';
import { homePaths } from '../paths.ts';
import type { Environment } from '../paths.ts';
import type { ConfigProblem } from '../reading/problem.ts';
import { SETTING_NAMES, SETTINGS } from './settings.ts';
import type { SettingName, SettingOrigin, Settings } from './settings.ts';
import type { Setting } from './setting.ts';

export interface SettingSources {
  readonly home: string;
  readonly env: Environment;
  /** By setting name, as typed; undefined counts as not given. */
  readonly flags?: { readonly [K in SettingName]?: string | undefined };
}

type SettingsResult =
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
  const reading = setting.kind.read(winner.raw);
  if ('value' in reading) return { value: reading.value, origin: winner.origin };
  const { file, path, origin } = winner;
  const problem: ConfigProblem = { file, path, message: reading.problem, hint: remedyOf(setting, winner), severity: 'error' }; // prettier-ignore
  return { value: setting.fallback(home), origin, problem };
}

/** Where it was set it is corrected; the flag of a command stands before the user's eyes. */
function remedyOf({ about }: Setting<unknown>, { origin, path }: Raw): string {
  if (origin === 'flag') return about;
  const act = origin === 'file' ? `run "drover config set ${path} VALUE"` : `correct ${path}, or unset it`;
  return `${act}; it is: ${about}`;
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
