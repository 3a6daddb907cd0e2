/** `docs/http-api.md`, written from the OpenAPI document. */

import { openApiDocument } from '../../src/api/openapi.ts';
import { apiRoutes } from '../../src/api/routes/index.ts';
import { exampleCall } from './http-api-examples.ts';

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required: boolean;
  readonly description?: string;
  readonly schema: { readonly default?: unknown };
}

interface Field {
  readonly description?: string;
  readonly default?: unknown;
}

interface Content {
  readonly [media: string]: {
    readonly schema: {
      readonly $ref?: string;
      readonly items?: { readonly $ref?: string };
      readonly properties?: Readonly<Record<string, Field>>;
      readonly required?: readonly string[];
    };
  };
}

interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly 'x-scope': string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

/** An operation with where it stands in the document. */
interface PlacedOperation {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

interface Document {
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const HEAD = `# The HTTP API

Written from the routes by \`npx vitest run src/api/openapi.test.ts -u\`; a test compares them. A running daemon shows the
same with every schema at \`/docs\`, a page that needs no network, and as OpenAPI 3.1 at \`/openapi.json\`. Inference is
under \`/v1\` and speaks OpenAI's API.

The API is served on the unix socket (\`$DROVER_HOME/run/drover.sock\`), whose callers are the operator and may do
everything, and on the front door over TCP, where a key says what its holder may ([security.md](security.md)). Until one has
been made, a program on the same machine may do what has scope \`read\`, and whatever has scope \`manage\` is refused with
\`FORBIDDEN\`. Scope \`any\` is for every key, \`open\` for whoever reaches the door; a page of another site is refused everything.

    curl http://127.0.0.1:8080/v2/instances
    curl http://127.0.0.1:8080/v2/instances -H "authorization: Bearer $DROVER_API_KEY"

The examples below are calls of the operator over the socket, by a function of the shell (curl 7.82 or newer). In them
\`alpha\` is an instance and \`demo\` a model; \`$BATCH\`, \`$TASK\` and the like are ids that an earlier answer has told.

    api() { curl -sS --unix-socket "\${DROVER_HOME:-$HOME/.drover}/run/drover.sock" "http://drover$1" "\${@:2}"; }

Times are ISO 8601 in UTC, durations end in \`_ms\`, sizes in \`_bytes\`. A body is JSON; what may be left out has its default
in brackets, and unknown fields are errors. Every error is

    {"error": {"code": "INSTANCE_NOT_FOUND", "message": "…", "hint": "…", "detail": {}, "retryable": false}}

with a code of [errors.md](errors.md). Beside those named below, every route can answer \`INVALID_REQUEST\`,
\`BODY_TOO_LARGE\`, \`UNSUPPORTED_MEDIA_TYPE\`, \`METHOD_NOT_ALLOWED\` (with \`Allow\`), \`UNAUTHORIZED\`, \`ORIGIN_FORBIDDEN\` and
\`INTERNAL\`. Streams of events are server-sent events; a reader that comes back with \`Last-Event-ID\` misses none.
`;

const EVERYWHERE: ReadonlySet<string> = new Set([
  'INVALID_REQUEST',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'UNAUTHORIZED',
  'ORIGIN_FORBIDDEN',
  'FORBIDDEN',
  'INTERNAL',
]);

export function httpApiPage(): string {
  const { tags, paths } = JSON.parse(JSON.stringify(openApiDocument(apiRoutes, ''))) as Document;
  const operations = Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method: method.toUpperCase(), path, operation })),
  );
  const sections = tags.map(({ name, description }) => {
    const rows = operations.filter(({ operation }) => operation.tags.includes(name));
    return `\n## ${description}\n${rows.map(sectionOf).join('')}`;
  });
  return `${HEAD}${sections.join('')}`;
}

function sectionOf({ method, path, operation }: PlacedOperation): string {
  const { summary, description, parameters = [], requestBody, responses } = operation;
  const taken = [
    ...parameters.filter((parameter) => parameter.in !== 'path').map(parameterLine),
    ...bodyLines(requestBody?.content),
  ];
  const said = description === undefined ? `${summary}.` : `${summary}. ${description}`;
  const lines = [...taken, ...answerLines(responses), ...errorLines(responses)];
  const told = `${said} Scope \`${operation['x-scope']}\`.`;
  const list = lines.map((line) => `- ${line}\n`).join('');
  return `\n### \`${method} ${path}\`\n\n${told}\n\n${list}\n    ${exampleCall(method, path)}\n`;
}

function parameterLine({ name, in: place, description, schema }: Parameter): string {
  return `${place} \`${name}\`${defaultOf(schema)}${description === undefined ? '' : `: ${description}`}`;
}

function bodyLines(content: Content | undefined): readonly string[] {
  const schema = content?.['application/json']?.schema;
  if (schema === undefined) return [];
  if (schema.$ref !== undefined) return [`body: ${nameOf(schema.$ref)}, see [config-fields.md](config-fields.md)`];
  return Object.entries(schema.properties ?? {}).map(
    ([name, field]) =>
      `body \`${name}\`${defaultOf(field)}${field.description === undefined ? '' : `: ${field.description}`}`,
  );
}

function defaultOf(schema: Field): string {
  return schema.default === undefined ? '' : ` [${JSON.stringify(schema.default)}]`;
}

function answerLines(responses: Operation['responses']): readonly string[] {
  return Object.entries(responses)
    .filter(([, { content }]) => !isError(content))
    .map(([status, { description, content = {} }]) => `**${status}** ${description}: ${shapeOf(content)}`);
}

function shapeOf(content: Content): string {
  const schema = content['application/json']?.schema;
  if (schema === undefined)
    return Object.keys(content)
      .map((media) => `\`${media}\``)
      .join(' or ');
  if (schema.$ref !== undefined) return nameOf(schema.$ref);
  if (schema.items?.$ref !== undefined) return `a list of ${nameOf(schema.items.$ref)}`;
  return `\`{${Object.keys(schema.properties ?? {}).join(', ')}}\``;
}

function nameOf(reference: string): string {
  return `\`${reference.split('/').at(-1) ?? ''}\``;
}

function isError(content: Content | undefined): boolean {
  return content?.['application/json']?.schema.$ref?.endsWith('/Error') === true;
}

function errorLines(responses: Operation['responses']): readonly string[] {
  const codes = Object.values(responses)
    .filter(({ content }) => isError(content))
    .flatMap(({ description }) => description.split(', '))
    .filter((code) => !EVERYWHERE.has(code.replaceAll('`', '')));
  return codes.length === 0 ? [] : [`errors: ${codes.join(', ')}`];
}
