/**
 * Facts as server-sent events: what is stored after the client's last id, then what happens. The stored past and the
 * live present overlap for a moment, so everything is ordered and de-duplicated by sequence number.
 */

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { isoTime } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import type { Fact, FactView } from '../contract/index.ts';
import { listFacts } from '../store/index.ts';
import type { Store } from '../store/index.ts';

/** Which facts; what is absent does not restrict. */
interface FactScope {
  /** Facts of this subject alone. */
  readonly subject?: string;
  readonly subjectPrefix?: string;
  /** Facts of this batch and of its tasks. */
  readonly batchId?: string;
}

interface EventFilter {
  /** Send what comes after this number; null: only what happens from now on. */
  readonly afterSeq: number | null;
  readonly scope: FactScope;
}

export const seq = z.coerce.number().int().min(0);

/** What a browser sends when it comes back; it wins over the query. */
export const lastEventHeaders = z.object({
  'last-event-id': seq.optional().describe('Begin behind this event, as a browser does that comes back.'),
});

export function lastEventId(request: FastifyRequest): number | null {
  const header = seq.safeParse(request.headers['last-event-id']);
  return header.success ? header.data : null;
}

export const EVENT_STREAM = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

const PAGE = 1_000;
const PING_MS = 15_000;
/** A reader that lets this many bytes pile up is cut; it resumes by its last id. */
const MAX_BUFFERED_BYTES = 4 * 1024 * 1024;

export function toFactView(fact: Fact): FactView {
  return { seq: fact.seq, at: isoTime(fact.at), type: fact.type, subject: fact.subject, data: fact.data };
}

export function factScope(query: { subject?: string | undefined; batch?: string | undefined }): FactScope {
  return {
    ...(query.subject === undefined ? {} : { subjectPrefix: query.subject }),
    ...(query.batch === undefined ? {} : { batchId: query.batch }),
  };
}

function matches({ subject, subjectPrefix, batchId }: FactScope, fact: Fact): boolean {
  if (subject !== undefined && fact.subject !== subject) return false;
  if (subjectPrefix !== undefined && !fact.subject.startsWith(subjectPrefix)) return false;
  if (batchId === undefined) return true;
  return fact.subject === `batch:${batchId}` || fact.subject.startsWith(`task:${batchId}/`);
}

/** Holds the reply open until the client leaves or the signal aborts. */
export async function sendEvents(
  reply: FastifyReply,
  filter: EventFilter,
  deps: { readonly store: Store; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const response = reply.raw;
  reply.hijack();
  response.writeHead(200, EVENT_STREAM);
  response.write(': connected\n\n');

  let sent = filter.afterSeq ?? -1;
  let backlog: Fact[] | null = filter.afterSeq === null ? null : [];
  const send = (fact: Fact): void => {
    if (fact.seq <= sent || !matches(filter.scope, fact)) return;
    sent = fact.seq;
    response.write(`id: ${fact.seq}\ndata: ${JSON.stringify(toFactView(fact))}\n\n`);
    if (response.writableLength > MAX_BUFFERED_BYTES) response.destroy();
  };
  using _live = deps.store.facts.subscribe((fact) => (backlog === null ? send(fact) : backlog.push(fact)));
  if (filter.afterSeq !== null) {
    await sendStored(deps.store, filter, send, () => response.destroyed);
    for (const fact of backlog ?? []) send(fact);
    backlog = null;
  }
  await untilClosed(reply, deps);
}

async function sendStored(
  store: Store,
  filter: EventFilter,
  send: (fact: Fact) => void,
  gone: () => boolean,
): Promise<void> {
  const { subject, ...scope } = filter.scope;
  const wanted = subject === undefined ? scope : { ...scope, subjectPrefix: subject };
  let afterSeq = filter.afterSeq ?? 0;
  for (;;) {
    const page = await store.read((db) => listFacts(db, { ...wanted, afterSeq, limit: PAGE }));
    for (const fact of page) send(fact);
    const last = page.at(-1);
    if (!last || page.length < PAGE || gone()) return;
    afterSeq = last.seq;
  }
}

/** Pings keep proxies and half-open connections honest. */
async function untilClosed(
  reply: FastifyReply,
  deps: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  const response = reply.raw;
  const closed = new AbortController();
  response.once('close', () => closed.abort());
  const end = AbortSignal.any([closed.signal, deps.signal]);
  while (!end.aborted && !response.destroyed) {
    await deps.clock.sleep(PING_MS, end).then(
      () => response.write(': ping\n\n'),
      () => false,
    );
  }
  response.end();
}
