/** What a collector of OpenTelemetry gets from a real daemon: requests below the spans of their callers, tasks with their tries. */

import { expect, test } from 'vitest';

import { openCollector } from '../support/collector.ts';
import { openHouse } from '../support/house.ts';
import { writePlan } from '../support/plans.ts';

const PLAN = `# Plan: traced

## Tasks

### hello
- **task_class**: cpu
- **timeout**: 1m
- **command**: \`echo hello\`
`;

test('a request and a task are told with their parts, and what is left is sent when the daemon ends', async () => {
  await using collector = await openCollector();
  await using house = await openHouse({ DROVER_OTLP_ENDPOINT: collector.endpoint, DROVER_OFFLINE: '1' });
  await house.drover('models', 'demo');
  await house.drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  await house.drover('up', 'alpha');
  const messages = [{ role: 'user', content: 'Tell me about the herd.' }];

  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01' },
    body: JSON.stringify({ model: 'alpha', stream: true, max_tokens: 8, messages }),
  });
  await answer.text();
  const submitted = await house.drover('submit', writePlan(house.home, PLAN), '--wait');
  await house.drover('daemon', 'stop', '--all');

  expect(submitted.code).toBe(0);
  const spans = collector.spans();
  const request = spans.find(({ name }) => name === 'chat alpha');
  const task = spans.find(({ name }) => name === 'task hello');
  expect(request).toMatchObject({
    traceId: '0af7651916cd43dd8448eb211c80319c',
    parentSpanId: 'b7ad6b7169203331',
  });
  expect(request && collector.partsOf(request)).toEqual(['dispatch', 'queue', 'stream']);
  expect(task && collector.partsOf(task)).toEqual(['attempt 1']);
});
