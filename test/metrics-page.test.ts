/** The page of metrics and the dashboard against the registry. */

import { resolve } from 'node:path';

import { expect, test } from 'vitest';

import { knownMetrics, metricsPage } from './support/metrics-page.ts';

test('docs/metrics.md tells of each metric (write it anew with vitest -u)', async () => {
  await expect(metricsPage()).toMatchFileSnapshot(resolve(import.meta.dirname, '../docs/metrics.md'));
});

test('names are as Prometheus wants them, and each metric says what it is', () => {
  const metrics = knownMetrics();

  expect(metrics.length).toBeGreaterThan(30);
  expect(metrics.filter(({ name, help }) => !/^[a-z][a-z0-9_]*$/.test(name) || help === '')).toEqual([]);
  expect(
    metrics.filter(({ name, type }) => type === 'counter' && !name.endsWith('_total')).map(({ name }) => name),
  ).toEqual([]);
});
