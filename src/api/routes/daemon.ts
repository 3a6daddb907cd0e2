/** The daemon itself, the house at a glance, devices, engines and the queue. */

import { z } from 'zod';

import {
  daemonStatusViewSchema,
  deviceViewSchema,
  engineViewSchema,
  queueViewSchema,
  reloadViewSchema,
  statusViewSchema,
} from '../../contract/index.ts';
import { toQueueView } from '../queue-view.ts';
import { defineRoute } from '../route.ts';

const wellness = z.object({ status: z.string() });
const stopBody = z.strictObject({ all: z.boolean().default(false).describe('Engines and task workers too.') });
const tag = 'daemon';

export const daemonRoutes = [
  defineRoute({
    method: 'GET',
    path: '/health',
    tag,
    summary: 'Whether the controller lives',
    scope: 'open',
    answers: { 200: { about: 'It does', schema: wellness } },
    handle: () => ({ status: 'ok' }),
  }),
  defineRoute({
    method: 'GET',
    path: '/ready',
    tag,
    summary: 'Whether engines can be started: an agent is connected',
    scope: 'open',
    answers: {
      200: { about: 'They can', schema: wellness },
      503: { about: 'No agent is connected', schema: wellness },
    },
    handle({ reply }, { hosts }) {
      const connected = hosts.list().some((host) => host.connected);
      return reply.status(connected ? 200 : 503).send({ status: connected ? 'ready' : 'no agent connected' });
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/daemon',
    tag,
    summary: 'The controller and its agents',
    scope: 'read',
    answers: { 200: { about: 'The daemon', schema: daemonStatusViewSchema } },
    handle: (_call, { daemon }) => daemon.status(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/status',
    tag,
    summary: 'The house at a glance',
    scope: 'read',
    answers: { 200: { about: 'The house', schema: statusViewSchema } },
    handle: (_call, { daemon }) => daemon.overview(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/devices',
    tag,
    summary: 'List devices: cards and CPUs',
    scope: 'read',
    answers: { 200: { about: 'Of every host', schema: z.array(deviceViewSchema) } },
    handle: (_call, { hosts }) => hosts.devices(),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/engines',
    tag,
    summary: 'List the kinds of engines, and which of them this machine has',
    scope: 'read',
    answers: { 200: { about: 'One row a kind', schema: z.array(engineViewSchema) } },
    handle: (_call, { engines, signal }) => engines(signal),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/queue',
    tag,
    summary: 'Requests that wait or run',
    scope: 'read',
    answers: { 200: { about: 'The queue', schema: queueViewSchema } },
    handle: (_call, { gateway }) => toQueueView(gateway.snapshot()),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/daemon/reload',
    tag,
    summary: 'Read the settings again',
    scope: 'manage',
    answers: { 200: { about: 'What counts now, and what needs a restart', schema: reloadViewSchema } },
    errors: ['CONFIG_INVALID'],
    handle: (_call, { daemon }) => daemon.reload(),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/daemon/stop',
    tag,
    summary: 'End the daemon; engines live on unless `all` is given',
    description: 'Answers before the daemon is gone.',
    scope: 'manage',
    body: stopBody,
    answers: { 200: { about: 'It is ending', schema: z.object({}) } },
    handle({ body }, { daemon }) {
      daemon.stop(body);
      return {};
    },
  }),
];
