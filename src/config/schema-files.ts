/** The JSON Schemas of the files people write: which there are, and their copies in a home, where `$schema` points. */

import { join } from 'node:path';

import { writeFileAtomic } from '../kernel/index.ts';
import { instanceJsonSchema } from './instances/instance-config.ts';
import { settingsJsonSchema } from './settings/settings.ts';

export const SCHEMA_NAMES = ['instance', 'daemon'] as const;
export type SchemaName = (typeof SCHEMA_NAMES)[number];

/** What `$schema` says in `instances/NAME/config.json` and in `config.json`. */
export const SCHEMA_REFERENCES: Readonly<Record<SchemaName, string>> = {
  instance: '../../schemas/instance.schema.json',
  daemon: 'schemas/daemon.schema.json',
};

export function jsonSchemaOf(name: SchemaName): Readonly<Record<string, unknown>> {
  return name === 'instance' ? instanceJsonSchema() : settingsJsonSchema();
}

export function schemaText(name: SchemaName): string {
  return `${JSON.stringify(jsonSchemaOf(name), null, 2)}\n`;
}

/** Puts a schema where the files of this home look for it. */
export function writeSchema(home: string, name: SchemaName): void {
  writeFileAtomic(join(home, 'schemas', `${name}.schema.json`), schemaText(name));
}
