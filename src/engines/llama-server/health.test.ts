import { expect, test } from 'vitest';

import { classifyHealth, healthPaths } from './health.ts';

const loading = '{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}';

test.each([
  [
    { kind: 'response', status: 200, body: '{"status":"ok"}' },
    { health: 'healthy', detail: null },
  ],
  [
    { kind: 'response', status: 503, body: loading },
    { health: 'loading', detail: null },
  ],
  [
    { kind: 'response', status: 503, body: '{"error":{"progress":0.37}}' },
    { health: 'loading', detail: '37%' },
  ],
  [
    { kind: 'response', status: 500, body: '' },
    { health: 'error', detail: 'HTTP 500' },
  ],
  [
    { kind: 'response', status: 401, body: '' },
    { health: 'error', detail: 'HTTP 401' },
  ],
  [{ kind: 'response', status: 404, body: '' }, { health: 'wrong-path' }],
  [{ kind: 'refused' }, { health: 'unhealthy', detail: 'unreachable' }],
  [{ kind: 'timeout' }, { health: 'unhealthy', detail: 'timeout' }],
  [
    { kind: 'failed', message: 'ECONNRESET' },
    { health: 'unhealthy', detail: 'unreachable: ECONNRESET' },
  ],
] as const)('a probe that ends as %j reads as %j', (reply, reading) => {
  expect(classifyHealth(reply)).toEqual(reading);
});

test('the configured path is asked first, each path once', () => {
  expect(healthPaths('/health')).toEqual(['/health', '/v1/health', '/v1/models']);
  expect(healthPaths('/ready')).toEqual(['/ready', '/health', '/v1/health', '/v1/models']);
});
