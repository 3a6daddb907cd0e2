/**
 * The config files of instances: found by listing, read, and checked for shape. Loading never rewrites a file. What
 * the outside world says about a config (files, ports, engines) is `validate-instance.ts`.
 */

import { readdirSync } from 'node:fs';
import { basename, dirname } from 'node:path';

import { z } from 'zod';

import { INSTANCE_NAME, instanceConfigSchema } from '../../contract/instance-config.ts';
import type { InstanceConfig } from '../../contract/instance-config.ts';
import { parseJsonBytes, readJsonFile } from '../reading/json-file.ts';
import type { JsonFile } from '../reading/json-file.ts';
import { homePaths, instanceConfigFile } from '../paths.ts';
import type { ConfigProblem } from '../reading/problem.ts';
import { problemsFromIssues } from '../reading/zod-problems.ts';
import type { FieldTree } from '../reading/zod-problems.ts';

export type LoadedInstance =
  | {
      readonly kind: 'ok';
      readonly file: string;
      readonly config: InstanceConfig;
      readonly warnings: readonly ConfigProblem[];
    }
  | { readonly kind: 'invalid'; readonly file: string; readonly problems: readonly ConfigProblem[] }
  /** No such folder or no config file in it. */
  | { readonly kind: 'absent'; readonly file: string };

/** The names of all instances: folders under `instances/`, whether their config is valid or not. Sorted. */
export function listInstanceNames(home: string): string[] {
  try {
    return readdirSync(homePaths(home).instances, { withFileTypes: true })
      .filter((entry) => (entry.isDirectory() || entry.isSymbolicLink()) && INSTANCE_NAME.test(entry.name))
      .map((entry) => entry.name)
      .toSorted();
  } catch {
    return [];
  }
}

/** Ports that the configs of all other instances name, with whose they are. */
export function portsOfOtherInstances(home: string, name: string): ReadonlyMap<number, string> {
  const others = listInstanceNames(home).filter((other) => other !== name);
  return new Map(
    others.flatMap((other) => {
      const loaded = loadInstance(home, other);
      const port = loaded.kind === 'ok' ? loaded.config.server.port : undefined;
      return port === undefined ? [] : [[port, other] as const];
    }),
  );
}

/** Reads `$DROVER_HOME/instances/NAME/config.json`. A name that is no name has no file. */
export function loadInstance(home: string, name: string): LoadedInstance {
  const file = instanceConfigFile(home, name);
  return INSTANCE_NAME.test(name) ? loadInstanceFile(file, name) : { kind: 'absent', file };
}

/** Reads a config wherever it lies. `folderName`: the name it must have, when it lies in an instance's folder. */
export function loadInstanceFile(file: string, folderName?: string): LoadedInstance {
  return checkShape(file, readJsonFile(file), folderName);
}

/** The same for bytes in hand. Never throws, whatever they are. */
export function parseInstanceConfig(file: string, bytes: Uint8Array, folderName?: string): LoadedInstance {
  return checkShape(file, parseJsonBytes(file, bytes), folderName);
}

/** The name a file must carry because of where it lies: `…/instances/NAME/config.json`. */
export function folderNameOf(file: string): string | undefined {
  const folder = dirname(file);
  return basename(dirname(folder)) === 'instances' && basename(file) === 'config.json' ? basename(folder) : undefined;
}

function checkShape(file: string, json: JsonFile, folderName: string | undefined): LoadedInstance {
  if (json.kind === 'absent') return { kind: 'absent', file };
  if (json.kind === 'broken') return { kind: 'invalid', file, problems: json.problems };
  const parsed = instanceConfigSchema.safeParse(json.value);
  if (!parsed.success) {
    const source = { file, value: json.value, fields: instanceJsonSchema() as FieldTree };
    return { kind: 'invalid', file, problems: problemsFromIssues(parsed.error.issues, source) };
  }
  if (folderName !== undefined && parsed.data.name !== folderName) {
    return { kind: 'invalid', file, problems: [wrongName(file, parsed.data.name, folderName)] };
  }
  return { kind: 'ok', file, config: parsed.data, warnings: warningsOf(file, parsed.data) };
}

function wrongName(file: string, name: string, folderName: string): ConfigProblem {
  return {
    file,
    path: 'name',
    message: `is "${name}", but the folder is "${folderName}"`,
    hint: `write "name": "${folderName}", or rename the folder`,
    severity: 'error',
  };
}

function warningsOf(file: string, config: InstanceConfig): ConfigProblem[] {
  const { port } = config.server;
  if (port === undefined || port >= 1024) return [];
  const message = `${port} is below 1024, which needs privileges on most systems`;
  return [{ file, path: 'server.port', message, hint: 'choose one from 1024 on', severity: 'warning' }];
}

/** The JSON Schema of the file, for editors, generated from the schema that reads it. */
export function instanceJsonSchema(): Readonly<Record<string, unknown>> {
  schema ??= { title: 'Drover instance', ...z.toJSONSchema(instanceConfigSchema, { io: 'input' }) };
  return schema;
}

let schema: Readonly<Record<string, unknown>> | undefined;
