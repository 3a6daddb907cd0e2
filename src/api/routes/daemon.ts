/** The daemon itself, the house at a glance, devices and the queue. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import type { ApiDeps } from '../deps.ts';
import { toQueueView } from '../queue-view.ts';

const stopBody = z.strictObject({ all: z.boolean().default(false) });

export function daemonRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const read = { config: { scope: 'read' as const } };
  app.get('/health', read, () => ({ status: 'ok' }));
  app.get('/ready', read, (_request, reply) => {
    const connected = deps.hosts.list().some((host) => host.connected);
    return reply.status(connected ? 200 : 503).send({ status: connected ? 'ready' : 'no agent connected' });
  });
  app.get('/v2/daemon', read, () => deps.daemon.status());
  app.get('/v2/status', read, () => deps.daemon.overview());
  app.get('/v2/devices', read, () => deps.hosts.devices());
  app.get('/v2/queue', read, () => toQueueView(deps.gateway.snapshot()));
  app.post('/v2/daemon/reload', () => deps.daemon.reload());
  app.post('/v2/daemon/stop', (request) => {
    deps.daemon.stop(stopBody.parse(request.body ?? {}));
    return {};
  });
}
