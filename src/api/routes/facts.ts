/** Facts: a page of the stored ones, or a stream that goes on. */

import type { FastifyInstance } from 'fastify';
import { z } from 'zod';

import { listFacts } from '../../store/index.ts';
import type { ApiDeps } from '../deps.ts';
import { factScope, sendEvents, toFactView } from '../events.ts';

const seq = z.coerce.number().int().min(0);
const pageQuery = z.strictObject({
  after: seq.default(0),
  limit: z.coerce.number().int().min(1).max(10_000).default(1_000),
  /** The newest so many instead of the oldest. */
  last: z.coerce.number().int().min(1).max(10_000).optional(),
  subject: z.string().optional(),
  batch: z.string().optional(),
});
const streamQuery = z.strictObject({
  after: seq.optional(),
  subject: z.string().optional(),
  batch: z.string().optional(),
});

export function factRoutes(app: FastifyInstance, deps: ApiDeps): void {
  const read = { config: { scope: 'read' as const } };
  app.get('/v2/facts', read, async (request) => {
    const query = pageQuery.parse(request.query);
    const { after: afterSeq, last, limit } = query;
    const wanted = { ...factScope(query), afterSeq, limit: last ?? limit, newest: last !== undefined };
    return (await deps.store.read((db) => listFacts(db, wanted))).map(toFactView);
  });
  app.get('/v2/events', read, async (request, reply) => {
    const query = streamQuery.parse(request.query);
    const lastEventId = seq.safeParse(request.headers['last-event-id']);
    const afterSeq = lastEventId.success ? lastEventId.data : (query.after ?? null);
    await sendEvents(reply, { afterSeq, scope: factScope(query) }, deps);
  });
}
