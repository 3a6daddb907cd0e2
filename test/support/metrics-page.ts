/** `docs/metrics.md`, written from the registry of metrics. */

import { createMetrics } from '../../src/telemetry/metrics/metrics.ts';
import type { MetricAbout } from '../../src/telemetry/metrics/metrics.ts';
import { metricViews } from './metric-views.ts';

const HEAD = `# Metrics

Written from the registry by \`npx vitest run test/metrics-page.test.ts -u\`; a test compares them. What stands before the
tables is in \`test/support/metrics-page.ts\`.

\`GET /metrics\` answers in the format of Prometheus, to callers who may read ([security.md](security.md)):

    scrape_configs:
      - job_name: drover
        static_configs: [{ targets: ['127.0.0.1:8080'] }]
        authorization: { credentials: KEY }   # of "drover key create --scope read", once there are keys

[grafana-dashboard.json](grafana-dashboard.json) shows them: import it in Grafana and choose the source of data. It is
written by \`npx vitest run test/grafana-dashboard.test.ts -u\`.

Names of generative AI (\`gen_ai_…\`) are those of OpenTelemetry's conventions; the rest begins with \`drover_\`. Counters
begin at zero with each start of the controller. The first scrape loads what makes the metrics; what happened before is
remembered, up to 1,000 events, so that a start costs nothing.

**Labels are few.** \`model\` is the name of an instance, alias or model of the catalogue, never what a caller made up: that
is \`other\`, like each name behind the first 100 (200 instances). Keys are no label. \`class\` is \`interactive\` or \`batch\`,
\`status\` the HTTP status, \`reason\` a code of [errors.md](errors.md) or \`ok\`.

Traces of the same are told in [traces.md](traces.md).
`;

const SECTIONS: readonly (readonly [title: string, belongs: (name: string) => boolean])[] = [
  ['Requests', (name) => /^(?:gen_ai|drover_(?:request|queue|relay))/.test(name)],
  ['Models and instances', (name) => /^drover_(?:model|instance)/.test(name)],
  ['Hosts and devices', (name) => /^drover_(?:device|agent)/.test(name)],
  ['Batches', (name) => /^drover_(?:task|batch|escalation)/.test(name)],
  ['The controller', () => true],
];

export function knownMetrics(): readonly MetricAbout[] {
  return createMetrics(metricViews()).about();
}

export function metricsPage(): string {
  const metrics = knownMetrics();
  const sections = SECTIONS.map(([title, belongs], place) => {
    const earlier = SECTIONS.slice(0, place);
    const rows = metrics.filter(({ name }) => belongs(name) && !earlier.some(([, before]) => before(name)));
    return `\n## ${title}\n\n| metric | type | labels | what it tells |\n|---|---|---|---|\n${rows.map(rowOf).join('')}`;
  });
  return HEAD + sections.join('');
}

function rowOf({ name, type, labels, help }: MetricAbout): string {
  const shown = labels.length === 0 ? '–' : labels.map((label) => `\`${label}\``).join(' ');
  return `| \`${name}\` | ${type} | ${shown} | ${help.replaceAll('|', '\\|')} |\n`;
}
