/** The dashboard for Grafana: its file, its shape, and that it asks for nothing which is not there. */

import { resolve } from 'node:path';

import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { expect, test } from 'vitest';

import { expressionsOf, grafanaDashboard, namesIn } from './support/grafana-dashboard.ts';
import { knownMetrics } from './support/metrics-page.ts';

const FILE = resolve(import.meta.dirname, '../docs/grafana-dashboard.json');
const dashboard = grafanaDashboard();

test("docs/grafana-dashboard.json is as Grafana's builders make it (write it anew with vitest -u)", async () => {
  await expect(`${JSON.stringify(dashboard, null, 2)}\n`).toMatchFileSnapshot(FILE);
});

test('it has what Grafana needs to load it: a schema version, a source to choose, panels that have a place of their own', () => {
  const panels = panelsOf(dashboard);
  const places = panels.map(({ gridPos }) => gridPos);

  expect(dashboard).toMatchObject({ uid: 'drover', title: 'Drover', schemaVersion: expect.any(Number) as number });
  expect(dashboard.templating?.list).toMatchObject([{ name: 'datasource', type: 'datasource', query: 'prometheus' }]);
  expect(places.every((place) => place !== undefined && place.x + place.w <= 24)).toBe(true);
  expect(new Set(places.map((place) => `${place?.x} ${place?.y}`)).size).toBe(places.length);
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
});

test('it asks only for metrics that there are, by labels that they have', () => {
  const known = new Map(knownMetrics().map(({ name, labels }) => [name, labels]));
  const expressions = expressionsOf(dashboard);

  expect(expressions.length).toBeGreaterThan(25);
  expect(expressions.filter((expression) => !isAnswered(expression, known))).toEqual([]);
});

function isAnswered(expression: string, known: ReadonlyMap<string, readonly string[]>): boolean {
  const { metrics, labels } = namesIn(expression);
  return metrics.length > 0 && metrics.every((metric) => labels.every((label) => known.get(metric)?.includes(label)));
}

function panelsOf({ panels = [] }: Dashboard): readonly {
  readonly id?: number;
  readonly gridPos?: { x: number; y: number; w: number };
}[] {
  return panels;
}
