/** What benches have measured: kept, and looked up again. */

import { z } from 'zod';

import { BENCH_KINDS, benchRequestSchema, benchViewSchema } from '../../contract/index.ts';
import type { BenchView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { decodeJson, encodeJson, insertBenchResult, listBenchResults } from '../../store/index.ts';
import type { BenchRecord } from '../../store/index.ts';
import { defineRoute } from '../route.ts';

const tag = 'daemon';
const query = z.strictObject({
  kind: z.enum(BENCH_KINDS),
  subject: z.string().optional().describe('The model or the devices; absent: all.'),
  limit: z.coerce.number().int().min(1).max(1_000).default(20),
});

export const benchRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/benches',
    tag,
    summary: 'Results of benches, newest first',
    scope: 'read',
    query,
    answers: { 200: { about: 'As they were measured', schema: z.array(benchViewSchema) } },
    async handle({ query: { kind, subject, limit } }, { store }) {
      return (await store.read((db) => listBenchResults(db, { kind, subject, limit }))).map(toView);
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/benches',
    tag,
    summary: 'Keep the result of a bench',
    scope: 'manage',
    body: benchRequestSchema,
    answers: { 201: { about: 'Kept', schema: z.object({ id: z.number() }) } },
    async handle({ body: { kind, subject, result }, reply }, { store }) {
      const id = await store.write((tx) => insertBenchResult(tx, { kind, subject, result: encodeJson(result) }));
      return reply.status(201).send({ id });
    },
  }),
];

function toView({ id, kind, subject, result, measured_at: at }: BenchRecord): BenchView {
  return { id, kind, subject, result: decodeJson<Record<string, unknown>>(result), measured_at: isoTime(at) };
}
