/** What the controller is and can do, for programs. */

import {
  capabilitiesViewSchema,
  MOST_STOPS,
  PROTOCOL_VERSION,
  SAMPLING_FIELDS,
  TASK_EVENTS,
  versionViewSchema,
  WORKLOADS,
} from '../../contract/index.ts';
import { LARGEST_ARTIFACT_BYTES } from '../../fleet/index.ts';
import { SESSION_IDLE_MS } from '../../gateway/index.ts';
import { MAX_BODY_BYTES } from '../http-server.ts';
import { defineRoute } from '../route.ts';

const PROTOCOLS = ['openai', 'anthropic', 'ollama', 'llama.cpp', 'drover'];
const FEATURES = [
  'artifacts',
  'deadlines',
  'durable-tasks',
  'idempotency-keys',
  'placement-wishes',
  'resumable-streams',
  'session-budgets',
];
const tag = 'daemon';

export const metaRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/meta/version',
    tag,
    summary: 'The release, and the protocols that it speaks',
    scope: 'any',
    answers: { 200: { about: 'The version', schema: versionViewSchema } },
    handle: (_call, { version }) => ({ version, api: 'v2', agent_protocol: PROTOCOL_VERSION }),
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/meta/capabilities',
    tag,
    summary: 'What this controller can do',
    scope: 'any',
    answers: { 200: { about: 'Its capabilities', schema: capabilitiesViewSchema } },
    handle: (_call, { version, models }) => ({
      version,
      protocols: PROTOCOLS,
      workloads: WORKLOADS,
      sampling: SAMPLING_FIELDS,
      priorities: ['interactive', 'batch'],
      events: TASK_EVENTS,
      features: FEATURES,
      limits: {
        body_bytes: MAX_BODY_BYTES,
        artifact_bytes: LARGEST_ARTIFACT_BYTES,
        stop_sequences: MOST_STOPS,
        session_idle_ms: SESSION_IDLE_MS,
      },
      models: models.known().size,
    }),
  }),
];
