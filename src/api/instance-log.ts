/** The output of an instance: text as it comes, server-sent events, or a range of bytes of one stream. */

import { stat } from 'node:fs/promises';

import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { AppError } from '../contract/index.ts';
import { logFiles } from '../instances/index.ts';
import { readLogs } from '../kernel/index.ts';
import { sendFileRange } from './file-range.ts';
import type { ApiDeps } from './deps.ts';
import { EVENT_STREAM } from './events.ts';
import { logQuery, streamNames } from './log-query.ts';
import { sendText } from './text-stream.ts';

export const instanceLogQuery = logQuery.extend({
  since: z.iso
    .datetime({ offset: true })
    .transform((text) => Date.parse(text))
    .optional()
    .describe('Only what was written after this moment, and perhaps a little before.'),
});
type InstanceLogQuery = z.output<typeof instanceLogQuery>;

export const instanceLogHeaders = z.object({
  accept: z.string().optional().describe('With `text/event-stream` each line is an event, and the stream goes on.'),
  range: z.string().optional().describe('`bytes=FIRST-LAST` of the newest file of one stream.'),
});

/** Rejects with RANGE_NOT_SATISFIABLE or INVALID_REQUEST before anything is sent. */
export async function sendInstanceLog(
  {
    name,
    query,
    request,
    reply,
  }: { name: string; query: InstanceLogQuery; request: FastifyRequest; reply: FastifyReply },
  deps: ApiDeps,
): Promise<unknown> {
  const files = logFiles(deps.home, name);
  const paths = streamNames(query.stream).map((each) => files[each]);
  if (request.headers.range !== undefined) return sendRange(reply, request.headers.range, paths);
  const asEvents = request.headers.accept?.includes('text/event-stream') === true;
  const { tail, since, follow } = query;
  const read = (signal: AbortSignal) =>
    readLogs({ paths, tailLines: tail, since, follow: follow || asEvents, signal, clock: deps.clock });
  return asEvents
    ? sendText(reply, (signal) => events(read(signal)), { headers: EVENT_STREAM })
    : sendText(reply, read);
}

/** One line, one event. */
async function* events(texts: AsyncIterable<string>): AsyncGenerator<string> {
  yield ': connected\n\n';
  for await (const text of texts) {
    yield text
      .replace(/\n$/, '')
      .split(/\r?\n/)
      .map((line) => `data: ${line}\n\n`)
      .join('');
  }
}

async function sendRange(reply: FastifyReply, header: string, paths: readonly string[]): Promise<unknown> {
  const [path, ...others] = paths;
  if (path === undefined || others.length > 0) {
    throw new AppError('INVALID_REQUEST', 'a range of bytes is one of stdout or of stderr', {
      hint: 'add ?stream=stdout or ?stream=stderr',
    });
  }
  const size = (await stat(path).catch(() => null))?.size ?? 0;
  return sendFileRange(reply, { path, size, what: 'the log', contentType: 'text/plain; charset=utf-8', range: header });
}
