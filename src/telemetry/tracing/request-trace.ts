/** One request that ended as a trace: the request, its wait in the queue, its dispatch up to the first content, its stream. Pure. */

import type { RequestRecord } from '../../gateway/index.ts';
import { operationOf } from '../operations.ts';
import type { SpanAttributes, SpanTree, Trace } from './span.ts';

/** Several waits, of a request that was tried again, count as one. */
export function requestTrace(record: RequestRecord): Trace {
  return { root: rootOf(record), parent: record.traceparent ?? null };
}

function rootOf(record: RequestRecord): SpanTree {
  const { arrivedAt, queueMs, durationMs, firstByteMs, instance, code } = record;
  const at = (ms: number): number => arrivedAt + ms;
  const begun = record.stream ? firstByteMs : null;
  const parts = [part('queue', at(0), at(queueMs), { 'drover.class': record.class })];
  if (instance !== null) {
    parts.push(part('dispatch', at(queueMs), at(begun ?? durationMs), { 'drover.instance': instance }));
    if (begun !== null) parts.push(part('stream', at(begun), at(durationMs), {}));
  }
  return {
    name: `${operationOf(record.endpoint)} ${record.model}`,
    kind: 'server',
    from: at(0),
    to: at(durationMs),
    attributes: attributesOf(record),
    error: code,
    parts,
  };
}

function part(name: string, from: number, to: number, attributes: SpanAttributes): SpanTree {
  return { name, kind: 'internal', from, to: Math.max(from, to), attributes, error: null, parts: [] };
}

/** By the names of OpenTelemetry where it has any. */
function attributesOf(record: RequestRecord): SpanAttributes {
  return {
    'gen_ai.operation.name': operationOf(record.endpoint),
    'gen_ai.request.model': record.model,
    'gen_ai.usage.input_tokens': record.tokensIn,
    'gen_ai.usage.output_tokens': record.tokensOut,
    'url.path': record.endpoint,
    ...(record.status === null ? {} : { 'http.response.status_code': record.status }),
    ...(record.code === null ? {} : { 'error.type': record.code }),
    'drover.request.id': record.id,
    'drover.key': record.key,
    'drover.ending': record.ending,
    'drover.attempts': record.attempts,
  };
}
