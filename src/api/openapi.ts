/** The OpenAPI 3.1 document of the API, written from the routes and the schemas they carry. Pure. */

import { z } from 'zod';

import { ERRORS } from '../contract/index.ts';
import type { ErrorCode } from '../contract/index.ts';
import { groupBy } from '../kernel/index.ts';
import { errorBodySchema } from './error-body.ts';
import { TAGS } from './route.ts';
import type { Answer, Route } from './route.ts';

type Json = { [key: string]: unknown };

const COMPONENTS = '#/components/schemas/';

export function openApiDocument(routes: readonly Route[], version: string): Json {
  const schemas: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, schemas) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Drover',
      version,
      summary: 'Inference servers, one front door, and batch plans on your own machines.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'This front door, or the unix socket of the home' }],
    security: [{}, { key: [] }],
    tags: Object.entries(TAGS).map(([name, description]) => ({ name, description })),
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: Object.fromEntries(Object.entries(schemas).toSorted(([a], [b]) => a.localeCompare(b))),
    },
  };
}

const INTRODUCTION = `The management API. Times are ISO 8601 in UTC, durations end in \`_ms\`, sizes in \`_bytes\`.

Over the unix socket a caller is the operator and may do everything. Over TCP a key says what its holder may; until one
has been made, a program on the same machine may read and infer without, and do nothing of scope \`manage\`.

Inference itself is under \`/v1\` and speaks OpenAI's API. Every error of the API has one envelope, \`Error\`.`;

function operation(route: Route, schemas: Json): Json {
  const { tag, summary, description, scope, params, query, headers } = route;
  const parameters = [
    ...parametersOf(params, 'path', schemas),
    ...parametersOf(query, 'query', schemas),
    ...parametersOf(headers, 'header', schemas),
  ];
  return {
    operationId: operationId(route),
    tags: [tag],
    summary,
    ...(description === undefined ? {} : { description }),
    'x-scope': scope,
    ...(parameters.length === 0 ? {} : { parameters }),
    ...requestBody(route, schemas),
    responses: { ...successes(route, schemas), ...failures(route, schemas) },
  };
}

/** `getInstancesByNameLogs`. */
function operationId({ method, path }: Route): string {
  const words = path.split('/').filter((word) => word !== '' && word !== 'v2');
  const named = words.map((word) => (word.startsWith(':') ? `By${capital(word.slice(1))}` : capital(word)));
  return `${method.toLowerCase()}${named.join('').replace(/\W/g, '')}`;
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

function parametersOf(schema: z.ZodType | undefined, place: 'path' | 'query' | 'header', schemas: Json): Json[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input', schemas) as {
    properties?: Readonly<Record<string, Json>>;
    required?: readonly string[];
  };
  return Object.entries(properties).map(([name, { description, ...type }]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(description === undefined ? {} : { description }),
    schema: type,
  }));
}

function requestBody({ body, shownBody, bodyMedia }: Route, schemas: Json): Json {
  if (bodyMedia !== undefined) {
    const content = { [bodyMedia]: { schema: { type: 'string', format: 'binary' } } };
    return { requestBody: { required: true, content } };
  }
  if (body === undefined) return {};
  const schema = jsonSchema(shownBody ?? body, 'input', schemas);
  const required = !body.safeParse({}).success || shownBody !== undefined;
  return { requestBody: { required, content: { 'application/json': { schema } } } };
}

function successes({ answers }: Route, schemas: Json): Json {
  return Object.fromEntries(
    Object.entries(answers).map(([status, answer]) => [
      status,
      { description: answer.about, ...contentOf(answer, schemas) },
    ]),
  );
}

function contentOf({ schema, media }: Answer, schemas: Json): Json {
  const texts = (media ?? []).map((type) => [type, { schema: { type: 'string' } }]);
  const json = schema === undefined ? [] : [['application/json', { schema: jsonSchema(schema, 'output', schemas) }]];
  const content = Object.fromEntries([...json, ...texts]);
  return Object.keys(content).length === 0 ? {} : { content };
}

/** One row per status, with the codes it may carry. */
function failures(route: Route, schemas: Json): Json {
  const byStatus = groupBy(errorCodesOf(route), (code) => ERRORS[code].status);
  const schema = jsonSchema(errorBodySchema, 'output', schemas);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      { description: codes.map((code) => `\`${code}\``).join(', '), content: { 'application/json': { schema } } },
    ]),
  );
}

/** What the route declares, and what follows from what it takes and who may call it. */
function errorCodesOf({ errors = [], scope, params, query, body, bodyMedia }: Route): readonly ErrorCode[] {
  const reads = params !== undefined || query !== undefined || body !== undefined;
  const codes: ErrorCode[] = [
    ...(reads ? (['INVALID_REQUEST'] as const) : []),
    ...(body === undefined && bodyMedia === undefined ? [] : (['BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
    'UNAUTHORIZED',
    'ORIGIN_FORBIDDEN',
    ...(scope === 'open' ? [] : (['FORBIDDEN'] as const)),
    ...errors,
    'INTERNAL',
  ];
  return [...new Set(codes)];
}

/** Schemas with an id go to the components and are referred to. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output', schemas: Json): Json {
  const written = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    override: ({ jsonSchema: made }) => {
      delete made.readOnly;
      if (io === 'output') delete made.additionalProperties; // later releases may tell more
    },
  });
  const text = JSON.stringify(written).replaceAll('"#/$defs/', `"${COMPONENTS}`);
  const { $schema: _draft, $defs = {}, ...rest } = JSON.parse(text) as Json & { $defs?: Json };
  for (const [id, component] of Object.entries($defs)) schemas[id] = withoutId(component as Json);
  return withoutId(rest);
}

function withoutId({ id: _id, ...schema }: Json): Json {
  return schema;
}
