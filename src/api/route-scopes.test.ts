/**
 * Who may call what, decided by hand for every route: a route that nobody has decided about fails here. `open`: nobody is
 * asked. `any`: every key, and the answer holds what is its own. `read` looks, `inference` asks models, `manage` changes.
 */

import { describe, expect, test } from 'vitest';

import type { Scope } from './auth.ts';
import { frontDoorScope } from './front-door-scopes.ts';
import { apiRoutes } from './routes/index.ts';

const DECIDED: Readonly<Record<Scope, readonly string[]>> = {
  open: ['GET /health', 'GET /ready'],
  any: [
    'GET /v2/requests',
    'GET /v2/requests/:id',
    'POST /v2/requests/:id/cancel',
    'GET /v2/tasks',
    'GET /v2/tasks/:id',
    'GET /v2/tasks/:id/events',
    'POST /v2/tasks/:id/cancel',
    'DELETE /v2/tasks/:id',
    'GET /v2/sessions',
    'GET /v2/sessions/:id',
    'DELETE /v2/sessions/:id',
    'GET /v2/artifacts',
    'GET /v2/artifacts/:id',
    'DELETE /v2/artifacts/:id',
    'GET /v2/meta/version',
    'GET /v2/meta/capabilities',
  ],
  inference: ['POST /v2/tasks', 'PUT /v2/sessions/:id', 'POST /v2/artifacts'],
  read: [
    'GET /v2/instances',
    'GET /v2/instances/:name',
    'GET /v2/instances/:name/health',
    'GET /v2/instances/:name/logs',
    'GET /v2/instances/:name/events',
    'GET /v2/models',
    'GET /v2/models/:id',
    'GET /v2/models/catalog',
    'GET /v2/models/usage',
    'GET /v2/pools/:model/health',
    'GET /v2/models/downloads',
    'GET /v2/plans',
    'POST /v2/plans/lint',
    'GET /v2/plans/:name',
    'GET /v2/plans/:name/history',
    'GET /v2/batches',
    'GET /v2/batches/:id',
    'GET /v2/batches/:id/summary',
    'GET /v2/batches/:id/tasks',
    'GET /v2/batches/:id/tasks/:task',
    'GET /v2/batches/:id/tasks/:task/logs',
    'GET /v2/batches/:id/progress',
    'GET /v2/batches/:id/export',
    'GET /v2/escalations',
    'GET /v2/escalations/:id',
    'GET /v2/training',
    'GET /v2/facts',
    'GET /v2/events',
    'GET /v2/daemon',
    'GET /v2/status',
    'GET /v2/devices',
    'GET /v2/engines',
    'GET /v2/queue',
    'GET /metrics',
    'GET /v2/benches',
  ],
  manage: [
    'PUT /v2/instances/:name',
    'DELETE /v2/instances/:name',
    'POST /v2/instances/:name/start',
    'POST /v2/instances/:name/stop',
    'POST /v2/instances/:name/restart',
    'POST /v2/instances/:name/drain',
    'POST /v2/instances/:name/adopt',
    'POST /v2/workers',
    'POST /v2/models',
    'POST /v2/models/demo',
    'POST /v2/models/import',
    'POST /v2/models/prune',
    'POST /v2/pools/:model/drain',
    'POST /v2/pools/:model/reload',
    'POST /v2/pools/:model/purge',
    'POST /v2/models/pull',
    'POST /api/pull',
    'DELETE /api/delete',
    'POST /v2/models/:id/cancel',
    'GET /v2/models/:id/offer',
    'POST /v2/models/:id/offer',
    'GET /v2/models/:id/files/:name',
    'PUT /v2/models/:id/files/:name',
    'POST /v2/models/:id/verify',
    'POST /v2/models/:id/unregister',
    'DELETE /v2/models/:id',
    'POST /v2/plans',
    'POST /v2/batches',
    'POST /v2/batches/:id/kill',
    'POST /v2/batches/:id/pause',
    'POST /v2/batches/:id/resume',
    'POST /v2/batches/:id/retry',
    'POST /v2/batches/:id/tasks/:task/signal',
    'POST /v2/devices/:id/signal',
    'POST /v2/escalations/:id/answer',
    'GET /v2/training/samples',
    'GET /v2/training/samples/:id',
    'POST /v2/training/samples/:id/review',
    'GET /v2/training/export',
    'GET /v2/keys',
    'POST /v2/keys',
    'POST /v2/keys/:id/rotate',
    'POST /v2/keys/:id/revoke',
    'POST /v2/daemon/reload',
    'POST /v2/daemon/stop',
    'POST /v2/devices/:id/reserve',
    'POST /v2/devices/:id/quarantine',
    'POST /v2/devices/:id/release',
    'PUT /v2/devices/:id/roles',
    'POST /v2/benches',
  ],
};

test.each(apiRoutes.map(({ method, path, scope }) => [`${method} ${path}`, scope] as const))(
  '%s is decided about',
  (route, scope) => {
    expect(DECIDED[scope]).toContain(route);
  },
);

test('nothing is decided about that is not there', () => {
  const known = apiRoutes.map(({ method, path }) => `${method} ${path}`);

  expect(
    Object.values(DECIDED)
      .flat()
      .filter((route) => !known.includes(route)),
  ).toEqual([]);
});

describe('the front door', () => {
  test.each([
    ['GET', '/v1/models', 'any'],
    ['GET', '/v1/models/org/name', 'any'],
    ['POST', '/v1/chat/completions', 'inference'],
    ['POST', '/v1/messages?beta=true', 'inference'],
    ['POST', '/v1/anything/new', 'inference'],
    ['GET', '/api/tags', 'any'],
    ['POST', '/api/chat', 'inference'],
    ['POST', '/api/push/', 'manage'],
    ['POST', '/props', 'manage'],
    ['GET', '/props', 'inference'],
  ])('%s %s needs %s', (method, url, scope) => {
    expect(frontDoorScope(method, url)).toBe(scope);
  });
});
