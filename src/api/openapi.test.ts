import { resolve } from 'node:path';

import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';

import { ROUTE_EXAMPLES } from '../../test/support/http-api-examples.ts';
import { httpApiPage } from '../../test/support/http-api-page.ts';
import { openApiDocument } from './openapi.ts';
import { methodsOf } from './route.ts';
import { apiRoutes } from './routes/index.ts';

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, unknown>> };
}

interface Operation {
  readonly operationId: string;
  readonly 'x-scope': string;
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

const document = openApiDocument(apiRoutes, '1.2.3');
const { paths, components } = JSON.parse(JSON.stringify(document)) as Document;
const operations = Object.values(paths).flatMap((path) => Object.values(path));

describe('the OpenAPI document', () => {
  test('is valid in the eyes of a public validator', async () => {
    const validator = new Validator();

    const result = await validator.validate(structuredClone(document));

    expect(result).toMatchObject({ valid: true });
    expect(validator.version).toBe('3.1');
  });

  test('has every route once, under a name of its own', () => {
    expect(operations).toHaveLength(apiRoutes.length);
    expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(apiRoutes.length);
  });

  test('refers to nothing that is not in it', () => {
    const referred = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, target = '']) => target);

    expect(referred.length).toBeGreaterThan(50);
    expect(referred.filter((target) => !(target.replace('#/components/schemas/', '') in components.schemas))).toEqual(
      [],
    );
  });

  test('says of every operation that changes something that readers are refused', () => {
    const changing = operations.filter((operation) => operation['x-scope'] === 'manage');

    expect(changing.length).toBeGreaterThan(10);
    expect(changing.filter(({ responses }) => !responses['403']?.description.includes('FORBIDDEN'))).toEqual([]);
  });

  test('describes the config of an instance as a person writes it, and the answers as they are sent', () => {
    expect(components.schemas['InstanceConfig']).toMatchObject({
      additionalProperties: false,
      required: ['name', 'model'],
    });
    expect(components.schemas['Instance']).toMatchObject({
      properties: { name: { type: 'string' }, pid: { type: ['number', 'null'] } },
    });
  });
});

test('a path knows its methods, whatever stands for its parameters', () => {
  expect(methodsOf(apiRoutes, '/v2/instances/chat')).toEqual(['GET', 'PUT', 'DELETE']);
  expect(methodsOf(apiRoutes, '/v2/instances/chat/start')).toEqual(['POST']);
  expect(methodsOf(apiRoutes, '/v2/nothing')).toEqual([]);
});

test('a route that needs a query or a body has an example, and it is one that the route takes', () => {
  const wrong = apiRoutes.flatMap(({ method, path, query, body, shownBody }) => {
    const title = `${method} ${path.replace(/:(\w+)/g, '{$1}')}`;
    const { query: asked = {}, body: sent = {} } = ROUTE_EXAMPLES[title] ?? {};
    return [query?.safeParse(asked), (shownBody ?? body)?.safeParse(sent)].flatMap((read) =>
      read === undefined || read.success ? [] : [`${title}: ${read.error.message}`],
    );
  });
  const titles = Object.entries(paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
  );

  expect(wrong).toEqual([]);
  expect(Object.keys(ROUTE_EXAMPLES).filter((title) => !titles.includes(title))).toEqual([]);
});

test('docs/http-api.md tells the routes as they are (write it anew with vitest -u)', async () => {
  await expect(httpApiPage()).toMatchFileSnapshot(resolve(import.meta.dirname, '../../docs/http-api.md'));
});
