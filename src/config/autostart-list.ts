/** Which instances come up with the daemon: `$DROVER_HOME/autostart.json`, and configs with `autostart: true`. Reads only. */

import { AppError } from '../contract/errors.ts';
import { INSTANCE_NAME } from '../contract/instance-config.ts';
import { listInstanceNames, loadInstance } from './instances/instance-config.ts';
import { readJsonFile } from './reading/json-file.ts';
import { homePaths } from './paths.ts';

export interface AutostartEntry {
  readonly name: string;
  readonly source: 'list' | 'config';
}

/** In the order in which they come up: the list as written, then configs by name. Throws CONFIG_INVALID of the list. */
export function loadAutostart(home: string): readonly AutostartEntry[] {
  const listed = loadAutostartList(home);
  const flagged = listInstanceNames(home).filter((name) => !listed.includes(name) && isFlagged(home, name));
  return [
    ...listed.map((name) => ({ name, source: 'list' as const })),
    ...flagged.map((name) => ({ name, source: 'config' as const })),
  ];
}

/** The file alone: `{"instances": ["a", "b"]}`; without a file nothing is listed. Throws CONFIG_INVALID. */
export function loadAutostartList(home: string): readonly string[] {
  const file = homePaths(home).autostartFile;
  const read = readJsonFile(file);
  if (read.kind === 'absent') return [];
  if (read.kind === 'broken') throw invalid(file, read.problems[0]?.message ?? 'cannot be read');
  const [unknown] = Object.keys(read.value).filter((key) => key !== 'instances' && key !== '$schema');
  if (unknown !== undefined) throw invalid(file, `${unknown}: unknown field`);
  const names = read.value['instances'] ?? [];
  if (!Array.isArray(names)) throw invalid(file, 'instances: must be an array of names');
  return [...new Set(names.map((name: unknown, at) => nameAt(file, name, at)))];
}

export function autostartText(names: readonly string[]): string {
  return `${JSON.stringify({ instances: names }, null, 2)}\n`;
}

function nameAt(file: string, name: unknown, at: number): string {
  if (typeof name === 'string' && INSTANCE_NAME.test(name)) return name;
  throw invalid(file, `instances[${at}]: must be the name of an instance; found ${JSON.stringify(name)}`);
}

function isFlagged(home: string, name: string): boolean {
  const loaded = loadInstance(home, name);
  return loaded.kind === 'ok' && loaded.config.autostart;
}

function invalid(file: string, message: string): AppError {
  return new AppError('CONFIG_INVALID', `${file}: ${message}`, { hint: 'write {"instances": ["NAME"]}' });
}
