/**
 * The stream of facts, unbroken: after a cut it connects again and resumes behind the last fact it handed out, so
 * that a reader sees each fact once, across restarts of the controller.
 */

import type { FactView } from '../../contract/facts.ts';
import { acrossCuts } from './across-cuts.ts';
import { readChunks } from '../transport/response.ts';
import { createSseParser } from './sse.ts';
import type { Transport } from '../transport/transport.ts';

export interface FactFilter {
  /** Begin behind this fact; absent: with what comes from now on. */
  readonly after?: number | undefined;
  /** Subjects that begin so, e.g. `instance:`. */
  readonly subject?: string | undefined;
  /** A batch and its tasks. */
  readonly batch?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Called when the stream stands: what happens from here on will be told. */
  readonly onOpen?: (() => void) | undefined;
}

export interface FactStreamPorts {
  readonly transport: Transport;
  /** Waits between tries to connect again; absent: a cut ends the stream with its error. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

export async function* followFacts(filter: FactFilter, ports: FactStreamPorts): AsyncGenerator<FactView> {
  let after = filter.after;
  const read = (): AsyncGenerator<FactView> => readFacts({ ...filter, after }, ports);
  const { signal } = filter;
  for await (const fact of acrossCuts(read, { wait: ports.wait, signal, isOver: () => false })) {
    after = fact.seq;
    yield fact;
  }
}

async function* readFacts(filter: FactFilter, { transport }: FactStreamPorts): AsyncGenerator<FactView> {
  const reply = await transport({
    method: 'GET',
    path: `/v2/events${queryOf(filter)}`,
    headers: { accept: 'text/event-stream' },
    signal: filter.signal,
  });
  const parser = createSseParser();
  try {
    filter.onOpen?.();
    for await (const chunk of readChunks(reply)) {
      for (const event of parser.feed(chunk)) yield JSON.parse(event.data) as FactView;
    }
  } finally {
    reply.close();
  }
}

function queryOf({ after, subject, batch }: FactFilter): string {
  const query = new URLSearchParams();
  if (after !== undefined) query.set('after', String(after));
  if (subject !== undefined) query.set('subject', subject);
  if (batch !== undefined) query.set('batch', batch);
  return query.size === 0 ? '' : `?${query}`;
}
