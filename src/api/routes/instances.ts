/** Instances: configure, look, start, stop, drain, adopt, watch. */

import { z } from 'zod';

import {
  instanceConfigSchema,
  instanceDetailViewSchema,
  instanceHealthViewSchema,
  instanceViewSchema,
  subject,
} from '../../contract/index.ts';
import type { InstanceDetailView } from '../../contract/index.ts';
import { saveInstanceConfig } from '../../config/index.ts';
import { lastEventHeaders, lastEventId, sendEvents, seq } from '../events.ts';
import { instanceLogHeaders, instanceLogQuery, sendInstanceLog } from '../instance-log.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ name: z.string().min(1).describe('Name of the instance') });
const waitMs = (fallback: number) => z.number().int().min(1).max(86_400_000).default(fallback);
const startBody = z.strictObject({
  wait: z.boolean().default(true).describe('False: answer when the agent has been told.'),
  timeout_ms: waitMs(660_000).describe('Longest time to hold the answer.'),
});
const stopBody = z.strictObject({ force: z.boolean().default(false).describe('Do not wait for requests in flight.') });
const drainBody = z.strictObject({ timeout_ms: waitMs(660_000).describe('Longest time to hold the answer.') });
const tag = 'instances';
const view = { about: 'The instance', schema: instanceViewSchema };
/** What can keep an engine from coming up. */
const startErrors = [
  'INSTANCE_NOT_FOUND',
  'CONFIG_INVALID',
  'MODEL_FILE_MISSING',
  'MODEL_FILE_INVALID',
  'MODEL_NOT_FOUND',
  'ENGINE_NOT_FOUND',
  'ENGINE_START_FAILED',
  'INSTANCE_STOPPED',
  'PORT_TAKEN',
  'MEMORY_INSUFFICIENT',
  'AGENT_UNAVAILABLE',
  'TIMEOUT',
] as const;

export const instanceRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/instances',
    tag,
    summary: 'List instances',
    scope: 'read',
    answers: { 200: { about: 'By name', schema: z.array(instanceViewSchema) } },
    handle: (_call, { instances }) => instances.list(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/instances/:name',
    tag,
    summary: 'Tell all that is known of an instance',
    description: 'A caller who may only read gets neither keys nor values of environment variables.',
    scope: 'read',
    params,
    answers: { 200: { about: 'The instance', schema: instanceDetailViewSchema } },
    errors: ['INSTANCE_NOT_FOUND'],
    async handle({ params: { name }, request }, { instances }) {
      const detail = await instances.describe(name);
      return request.actor.kind === 'operator' ? detail : withoutSecrets(detail);
    },
  }),
  defineRoute({
    method: 'PUT',
    path: '/v2/instances/:name',
    tag,
    summary: 'Write the config of an instance, new or not',
    description: 'Nothing is started. What runs keeps its config until it is restarted.',
    scope: 'manage',
    params,
    body: z.record(z.string(), z.unknown()),
    shownBody: instanceConfigSchema.meta({ id: 'InstanceConfig' }),
    answers: {
      201: { about: 'Made', schema: instanceDetailViewSchema },
      200: { about: 'Replaced', schema: instanceDetailViewSchema },
    },
    errors: ['CONFIG_INVALID'],
    async handle({ params: { name }, body, reply }, { home, instances }) {
      const saved = saveInstanceConfig(home, name, body);
      return reply.status(saved === 'made' ? 201 : 200).send(await instances.describe(name));
    },
  }),
  defineRoute({
    method: 'DELETE',
    path: '/v2/instances/:name',
    tag,
    summary: 'Stop an instance and remove its config',
    scope: 'manage',
    params,
    answers: { 200: { about: 'It is gone', schema: z.object({ removed: z.string() }) } },
    errors: ['INSTANCE_NOT_FOUND', 'AGENT_UNAVAILABLE', 'TIMEOUT'],
    handle: (call, { instances }) => instances.remove(call.params.name),
  }),
  bringUpRoute('start', 'Start an instance; answered when it is ready'),
  defineRoute({
    method: 'POST',
    path: '/v2/instances/:name/stop',
    tag,
    summary: 'Stop an instance; answered when nothing of it is left',
    scope: 'manage',
    params,
    body: stopBody,
    answers: { 200: view },
    errors: ['INSTANCE_NOT_FOUND', 'AGENT_UNAVAILABLE', 'TIMEOUT'],
    handle: (call, { instances }) => instances.stop(call.params.name, call.body),
  }),
  bringUpRoute('restart', 'Stop an instance and start it with its config as it is now'),
  defineRoute({
    method: 'POST',
    path: '/v2/instances/:name/drain',
    tag,
    summary: 'Give an instance no new requests; answered when none is in flight',
    description: 'It stays loaded. A start or a restart lifts it.',
    scope: 'manage',
    params,
    body: drainBody,
    answers: { 200: view },
    errors: ['INSTANCE_NOT_FOUND', 'TIMEOUT'],
    handle: ({ params: { name }, body }, { instances }) => instances.drain(name, { timeoutMs: body.timeout_ms }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/instances/:name/adopt',
    tag,
    summary: 'Write the config of an orphan again',
    description: 'An orphan is an engine that runs though its config is gone. What runs is not touched.',
    scope: 'manage',
    params,
    answers: { 200: view },
    errors: ['INSTANCE_NOT_FOUND', 'AGENT_UNAVAILABLE'],
    handle: (call, { instances }) => instances.adopt(call.params.name),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/instances/:name/health',
    tag,
    summary: 'The health of an instance, and its latest checks',
    scope: 'read',
    params,
    answers: { 200: { about: 'Its health', schema: instanceHealthViewSchema } },
    errors: ['INSTANCE_NOT_FOUND'],
    async handle({ params: { name } }, { instances }) {
      const { view: row, health_history: checks } = await instances.describe(name);
      return { name, health: row.health, detail: row.health_detail, status: row.status, checks };
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/instances/:name/logs',
    tag,
    summary: 'What an instance has written',
    description: 'Across rotations and restarts. A range of bytes is of the newest file alone.',
    scope: 'read',
    params,
    query: instanceLogQuery,
    headers: instanceLogHeaders,
    answers: {
      200: { about: 'Text as it comes, or an event for each line', media: ['text/plain', 'text/event-stream'] },
      206: { about: 'The range', media: ['text/plain'] },
    },
    errors: ['INSTANCE_NOT_FOUND', 'RANGE_NOT_SATISFIABLE'],
    handle({ params: { name }, query, request, reply }, deps) {
      deps.instances.assertKnown(name);
      return sendInstanceLog({ name, query, request, reply }, deps);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/instances/:name/events',
    tag,
    summary: 'Facts of one instance as they happen, as server-sent events',
    scope: 'read',
    params,
    query: z.strictObject({ after: seq.optional().describe('Begin behind this number.') }),
    headers: lastEventHeaders,
    answers: { 200: { about: 'A stream without an end', media: ['text/event-stream'] } },
    errors: ['INSTANCE_NOT_FOUND'],
    async handle({ params: { name }, query, request, reply }, deps) {
      deps.instances.assertKnown(name);
      const scope = { subject: subject.instance(name) };
      await sendEvents(reply, { afterSeq: lastEventId(request) ?? query.after ?? null, scope }, deps);
    },
  }),
];

const HIDDEN = '(hidden)';

/** Whoever may only read gets no key to an engine, and no secret from its environment. */
function withoutSecrets(detail: InstanceDetailView): InstanceDetailView {
  const { report, config } = detail;
  return {
    ...detail,
    report: report && { ...report, key: null },
    config: config && {
      ...config,
      server: { ...config.server, key: 'auto' },
      env: Object.fromEntries(Object.keys(config.env).map((name) => [name, HIDDEN])),
    },
  };
}

/** Both are answered alike, and fail for the same reasons. */
function bringUpRoute(verb: 'start' | 'restart', summary: string) {
  return defineRoute({
    method: 'POST',
    path: `/v2/instances/:name/${verb}`,
    tag,
    summary,
    scope: 'manage',
    params,
    body: startBody,
    answers: { 200: view },
    errors: startErrors,
    handle: ({ params: { name }, body }, { instances }) =>
      instances[verb](name, { wait: body.wait, timeoutMs: body.timeout_ms }),
  });
}
