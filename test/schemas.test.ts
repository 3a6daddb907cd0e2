/** The JSON Schemas that are shipped under `schema/`: as the code has them, well-formed, and with a word for each field. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, test } from 'vitest';

import { jsonSchemaOf, SCHEMA_NAMES, schemaText } from '../src/config/index.ts';
import { configFieldsPage } from './support/config-fields-page.ts';

const FOLDER = resolve(import.meta.dirname, '../schema');

interface SchemaNode {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** Paths of all fields that say nothing of themselves. */
function undescribed({ properties = {} }: SchemaNode, path = ''): string[] {
  return Object.entries(properties).flatMap(([name, field]) => [
    ...(field.description === undefined && name !== '$schema' ? [path + name] : []),
    ...undescribed(field, `${path}${name}.`),
  ]);
}

function validator(name: (typeof SCHEMA_NAMES)[number]) {
  const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
  addFormats.default(ajv);
  return ajv.compile(JSON.parse(readFileSync(resolve(FOLDER, `${name}.schema.json`), 'utf8')) as object);
}

describe.each(SCHEMA_NAMES)('the schema of %s', (name) => {
  test('is shipped as it is (write it anew with vitest -u)', async () => {
    await expect(schemaText(name)).toMatchFileSnapshot(resolve(FOLDER, `${name}.schema.json`));
  });

  test('says what each field is for', () => {
    expect(undescribed(jsonSchemaOf(name))).toEqual([]);
  });

  test('is a JSON Schema', () => {
    expect(validator(name)({ nonsense: 1 })).toBe(false);
  });
});

test('docs/config-fields.md shows the fields as they are (write it anew with vitest -u)', async () => {
  await expect(configFieldsPage()).toMatchFileSnapshot(resolve(import.meta.dirname, '../docs/config-fields.md'));
});

test.each([
  [{ name: 'chat', model: { id: 'demo' } }, true],
  [{ name: 'chat', model: { id: 'demo' }, healthcheck: { interval: '10s', timeout: 5 }, gpu: { layers: 'all' } }, true],
  [{ name: 'chat', model: { id: 'demo' }, servr: {} }, false],
  [{ name: 'chat', model: { id: 'demo' }, server: { port: 70_000 } }, false],
])('an editor judges the instance config %j: %s', (config, valid) => {
  expect(validator('instance')(config)).toBe(valid);
});

test.each([
  [{ port: 8080, queue_timeout: '5m', device_aliases: { big: 'gpu0' }, devices: ['cpu'] }, true],
  [{ prot: 8080 }, false],
  [{ log_level: 'loud' }, false],
])('an editor judges the settings %j: %s', (settings, valid) => {
  expect(validator('daemon')(settings)).toBe(valid);
});
