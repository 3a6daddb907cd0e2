/** Writes the config of an instance, checked for shape before anything is written. */

import { existsSync } from 'node:fs';

import { INSTANCE_NAME } from '../../contract/instance-config.ts';
import { AppError } from '../../contract/errors.ts';
import { writeFileAtomic } from '../../kernel/files.ts';
import { parseInstanceConfig } from './instance-config.ts';
import { instanceConfigFile } from '../paths.ts';
import { invalidConfig } from '../reading/problem.ts';
import { SCHEMA_REFERENCES, writeSchema } from '../schema-files.ts';

/**
 * `name` and `$schema` stand first, whatever was given. Throws INVALID_REQUEST for what is no name, CONFIG_INVALID with
 * every problem otherwise. Puts the JSON Schema where the config names it.
 */
export function saveInstanceConfig(
  home: string,
  name: string,
  config: Readonly<Record<string, unknown>>,
): 'made' | 'replaced' {
  assertInstanceName(name);
  const { $schema: _given, name: named, ...sections } = config;
  const text = `${JSON.stringify({ $schema: SCHEMA_REFERENCES.instance, name: named ?? name, ...sections }, null, 2)}\n`;
  const file = instanceConfigFile(home, name);
  const loaded = parseInstanceConfig(file, Buffer.from(text), name);
  if (loaded.kind === 'invalid') throw invalidConfig(loaded.problems, 'nothing was written');
  const existed = existsSync(file);
  writeSchema(home, 'instance');
  writeFileAtomic(file, text);
  return existed ? 'replaced' : 'made';
}

/** Throws INVALID_REQUEST for what is no name. */
export function assertInstanceName(name: string): void {
  if (INSTANCE_NAME.test(name)) return;
  throw new AppError('INVALID_REQUEST', `"${name}" is no name for an instance`, {
    hint: 'use lower-case letters, digits and dashes, 1 to 64 characters',
  });
}
