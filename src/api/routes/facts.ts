/** Facts: a page of the stored ones, or a stream that goes on. */

import { z } from 'zod';

import { factViewSchema } from '../../contract/index.ts';
import { listFacts } from '../../store/index.ts';
import { factScope, lastEventHeaders, lastEventId, sendEvents, seq, toFactView } from '../events.ts';
import { defineRoute } from '../route.ts';

const subject = z.string().optional().describe('Subjects that begin so, such as `instance:` or `task:`.');
const batch = z.string().optional().describe('A batch and its tasks.');
const count = z.coerce.number().int().min(1).max(10_000);
const pageQuery = z.strictObject({
  after: seq.default(0).describe('Only facts with a greater number.'),
  limit: count.default(1_000),
  last: count.optional().describe('The newest so many instead of the oldest.'),
  subject,
  batch,
});
const streamQuery = z.strictObject({
  after: seq.optional().describe('Begin behind this number; else with what comes from now on.'),
  subject,
  batch,
});
const tag = 'facts';

export const factRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/facts',
    tag,
    summary: 'A page of the stored facts',
    scope: 'read',
    query: pageQuery,
    answers: { 200: { about: 'In the order in which they happened', schema: z.array(factViewSchema) } },
    async handle({ query }, { store }) {
      const { after: afterSeq, last, limit } = query;
      const wanted = { ...factScope(query), afterSeq, limit: last ?? limit, newest: last !== undefined };
      return (await store.read((db) => listFacts(db, wanted))).map(toFactView);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/events',
    tag,
    summary: 'Facts as they happen, as server-sent events',
    description:
      'Each event has the number of its fact as `id` and a `Fact` as `data`. A reader that comes back with `Last-Event-ID` misses none.',
    scope: 'read',
    query: streamQuery,
    headers: lastEventHeaders,
    answers: { 200: { about: 'A stream without an end', media: ['text/event-stream'] } },
    async handle({ query, request, reply }, deps) {
      await sendEvents(reply, { afterSeq: lastEventId(request) ?? query.after ?? null, scope: factScope(query) }, deps);
    },
  }),
];
