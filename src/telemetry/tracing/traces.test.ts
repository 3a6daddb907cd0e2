import { expect, test } from 'vitest';

import { openCollector } from '../../../test/support/collector.ts';
import { endedRequest } from '../../../test/support/metric-views.ts';
import { silentLog } from '../../kernel/index.ts';
import { createTraces } from './traces.ts';

const PARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a request reaches the collector as a span with its parts, below the span of its caller, at its times', async () => {
  await using collector = await openCollector();
  const traces = createTraces({
    endpoint: collector.endpoint,
    isOffline: () => true,
    version: '1.2.3',
    log: silentLog,
  });

  traces.hear({ kind: 'request-ended', record: endedRequest({ traceparent: PARENT }) });
  await traces.close();

  const request = collector.spans().find(({ name }) => name === 'chat chat');
  expect(collector.services()).toEqual(['drover']);
  expect(request).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
    kind: 2,
    startTimeUnixNano: '1700000000000000000',
    endTimeUnixNano: '1700000002000000000',
  });
  expect(request?.attributes).toContainEqual({ key: 'gen_ai.usage.output_tokens', value: { intValue: 11 } });
  expect(request && collector.partsOf(request)).toEqual(['dispatch', 'queue', 'stream']);
});

test('what failed says with which code', async () => {
  await using collector = await openCollector();
  const traces = createTraces({
    endpoint: collector.endpoint,
    isOffline: () => false,
    version: '1.2.3',
    log: silentLog,
  });
  const failed = { ending: 'failed', code: 'QUEUE_FULL', instance: null, firstByteMs: null } as const;

  traces.hear({ kind: 'request-ended', record: endedRequest(failed) });
  await traces.close();

  const request = collector.spans().find(({ name }) => name === 'chat chat');
  expect(request?.status).toEqual({ code: 2, message: 'QUEUE_FULL' });
  expect(request && collector.partsOf(request)).toEqual(['queue']);
});

test('from when it is offline, no collector on another machine is called, which is told once', async () => {
  const told: unknown[] = [];
  const log = { ...silentLog, warn: (fields: object) => void told.push(fields) };
  const traces = createTraces({ endpoint: 'https://collector.example', isOffline: () => true, version: '1', log });

  traces.hear({ kind: 'request-ended', record: endedRequest() });
  await traces.close();

  expect(told).toMatchObject([{ err: { code: 'OFFLINE' } }]);
});

test('a collector that does not answer holds up nobody and is told of once', async () => {
  const lines: string[] = [];
  const log = { ...silentLog, warn: (_fields: object, event: string) => void lines.push(event) };
  const traces = createTraces({ endpoint: 'http://127.0.0.1:9', isOffline: () => false, version: '1', log });

  traces.hear({ kind: 'request-ended', record: endedRequest() });
  await traces.close();

  expect(lines).toEqual(['traces are not sent']);
}, 20_000);
