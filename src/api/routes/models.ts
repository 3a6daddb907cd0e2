/** The catalogue of models. */

import type { FastifyInstance, FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { ApiDeps } from '../deps.ts';

const idParams = z.object({ id: z.string().min(1) });
const registerBody = z.strictObject({
  id: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'letters, digits, dot, dash and underscore, 1 to 128'),
  path: z.string().startsWith('/', 'an absolute path'),
  source: z.string().min(1).default('file'),
});

export function modelRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const read = { config: { scope: 'read' as const } };
  app.get('/v2/models', read, () => deps.models.list());
  app.get('/v2/models/:id', read, (request) => deps.models.get(idOf(request)));
  app.post('/v2/models', (request) => deps.models.register(registerBody.parse(request.body)));
  app.post('/v2/models/demo', () => deps.models.registerDemo());
  app.delete('/v2/models/:id', async (request) => {
    await deps.models.remove(idOf(request));
    return {};
  });
}

function idOf(request: FastifyRequest): string {
  return idParams.parse(request.params).id;
}
