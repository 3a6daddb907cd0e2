/** `docs/grafana-dashboard.json`, built by Grafana's own builders: what they do not know does not compile. */

import { LegendDisplayMode, LegendPlacement, VizLegendOptionsBuilder } from '@grafana/grafana-foundation-sdk/common';
import { DashboardBuilder, DatasourceVariableBuilder, RowBuilder } from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { PanelBuilder } from '@grafana/grafana-foundation-sdk/timeseries';

interface Query {
  readonly expr: string;
  readonly legend: string;
}

interface Panel {
  readonly title: string;
  readonly about: string;
  readonly unit: string;
  readonly queries: readonly Query[];
}

interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const WIDTH = 8;
const HEIGHT = 8;

/** A share of a histogram, by labels. */
function quantile(share: number, metric: string, by: string): string {
  return `histogram_quantile(${share}, sum by (le, ${by}) (rate(${metric}_bucket[$__rate_interval])))`;
}

function perSecond(metric: string, by: string): string {
  return `sum by (${by}) (rate(${metric}[$__rate_interval]))`;
}

const MODEL = 'gen_ai_request_model';

const ROWS: readonly Row[] = [
  {
    title: 'Requests',
    panels: [
      {
        title: 'Requests',
        about: 'By HTTP status and what ended them.',
        unit: 'reqps',
        queries: [{ expr: perSecond('drover_requests_total', 'status, reason'), legend: '{{status}} {{reason}}' }],
      },
      {
        title: 'Time to first token',
        about: 'Streamed requests, the wait for a slot included.',
        unit: 's',
        queries: [0.5, 0.95].map((share) => ({
          expr: quantile(share, 'gen_ai_server_time_to_first_token_seconds', MODEL),
          legend: `{{${MODEL}}} p${share * 100}`,
        })),
      },
      {
        title: 'Time per token',
        about: 'Behind the first.',
        unit: 's',
        queries: [
          { expr: quantile(0.5, 'gen_ai_server_time_per_output_token_seconds', MODEL), legend: `{{${MODEL}}} p50` },
        ],
      },
      {
        title: 'Tokens',
        about: 'In prompts and in answers.',
        unit: 'suffix: tokens/s',
        queries: [
          {
            expr: perSecond('gen_ai_client_token_usage_sum', `${MODEL}, gen_ai_token_type`),
            legend: `{{${MODEL}}} {{gen_ai_token_type}}`,
          },
        ],
      },
      {
        title: 'Duration',
        about: 'Of answered requests, from their arrival to their end.',
        unit: 's',
        queries: [
          { expr: quantile(0.95, 'gen_ai_server_request_duration_seconds', MODEL), legend: `{{${MODEL}}} p95` },
        ],
      },
      {
        title: 'Clients that left',
        about: 'By what their request was doing.',
        unit: 'reqps',
        queries: [{ expr: perSecond('drover_requests_cancelled_total', 'phase'), legend: '{{phase}}' }],
      },
    ],
  },
  {
    title: 'Queue',
    panels: [
      {
        title: 'Waiting and running',
        about: 'Requests that wait for a slot, and those in one.',
        unit: 'short',
        queries: [
          { expr: 'sum by (model, class) (drover_queue_length)', legend: '{{model}} {{class}} waiting' },
          { expr: 'sum by (model) (drover_requests_running)', legend: '{{model}} running' },
        ],
      },
      {
        title: 'Wait for a slot',
        about: 'Of requests that ended, and of the one that waits longest now.',
        unit: 's',
        queries: [
          { expr: quantile(0.95, 'drover_request_queue_seconds', 'model, class'), legend: '{{model}} {{class}} p95' },
          { expr: 'max by (model) (drover_queue_longest_wait_seconds)', legend: '{{model}} longest' },
        ],
      },
      {
        title: 'Overhead of the gateway',
        about: 'Until an engine was asked, the wait aside.',
        unit: 's',
        queries: [0.5, 0.95].map((share) => ({
          expr: `histogram_quantile(${share}, sum by (le) (rate(drover_request_overhead_seconds_bucket[$__rate_interval])))`,
          legend: `p${share * 100}`,
        })),
      },
    ],
  },
  {
    title: 'Models and instances',
    panels: [
      {
        title: 'States',
        about: 'Instances in each state.',
        unit: 'short',
        queries: [{ expr: 'count by (state) (drover_instance_state)', legend: '{{state}}' }],
      },
      {
        title: 'Slots in use',
        about: 'Share of an instance’s slots that requests hold.',
        unit: 'percentunit',
        queries: [
          {
            expr: 'sum by (instance) (drover_instance_slots{kind="busy"}) / sum by (instance) (drover_instance_slots{kind="total"})',
            legend: '{{instance}}',
          },
        ],
      },
      {
        title: 'Loads, unloads, crashes',
        about: 'In the last hour.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (model, outcome) (increase(drover_model_loads_total[1h]))',
            legend: '{{model}} {{outcome}}',
          },
          {
            expr: 'sum by (model, reason) (increase(drover_model_unloads_total[1h]))',
            legend: '{{model}} unloaded: {{reason}}',
          },
          {
            expr: 'sum by (instance) (increase(drover_instance_exits_total{reason="crashed"}[1h]))',
            legend: '{{instance}} crashed',
          },
        ],
      },
      {
        title: 'Instances that fail',
        about: 'Kept from requests by their breaker, or tried again.',
        unit: 'short',
        queries: [
          {
            expr: 'sum by (instance, state) (drover_instance_breaker{state!="closed"})',
            legend: '{{instance}} {{state}}',
          },
        ],
      },
      {
        title: 'Conversations at home',
        about: 'Share of the requests of a conversation that met the instance with its prompt.',
        unit: 'percentunit',
        queries: [
          {
            expr: 'sum(rate(drover_requests_placed_total{outcome="home"}[$__rate_interval])) / sum(rate(drover_requests_placed_total[$__rate_interval]))',
            legend: 'at home',
          },
        ],
      },
      {
        title: 'Swaps and evictions',
        about: 'In the last hour: loads that others made room for, and who did.',
        unit: 'short',
        queries: [
          { expr: 'sum by (model) (increase(drover_model_swaps_total[1h]))', legend: '{{model}} swapped in' },
          { expr: 'sum by (model) (increase(drover_model_evictions_total[1h]))', legend: '{{model}} made room' },
        ],
      },
      {
        title: 'Time to load',
        about: 'From the start of an engine until it is ready.',
        unit: 's',
        queries: [{ expr: quantile(0.95, 'drover_model_load_seconds', 'model'), legend: '{{model}} p95' }],
      },
    ],
  },
  {
    title: 'Devices',
    panels: [
      {
        title: 'Memory',
        about: 'Promised, and in use as measured.',
        unit: 'bytes',
        queries: [
          { expr: 'drover_device_memory_total_bytes', legend: '{{host}} {{device}} total' },
          { expr: 'drover_device_memory_reserved_bytes', legend: '{{host}} {{device}} reserved' },
          { expr: 'drover_device_memory_observed_bytes', legend: '{{host}} {{device}} observed' },
        ],
      },
      {
        title: 'Temperature',
        about: 'As the driver tells it.',
        unit: 'celsius',
        queries: [{ expr: 'drover_device_temperature_celsius', legend: '{{host}} {{device}}' }],
      },
      {
        title: 'Utilisation',
        about: 'As the driver tells it.',
        unit: 'percentunit',
        queries: [{ expr: 'drover_device_utilisation_ratio', legend: '{{host}} {{device}}' }],
      },
    ],
  },
  {
    title: 'Batches and the controller',
    panels: [
      {
        title: 'Tasks now',
        about: 'Of batches that have not ended.',
        unit: 'short',
        queries: [{ expr: 'sum by (state) (drover_tasks_now)', legend: '{{state}}' }],
      },
      {
        title: 'Tasks that ended',
        about: 'And those that are tried again.',
        unit: 'ops',
        queries: [
          { expr: perSecond('drover_tasks_total', 'outcome, class'), legend: '{{outcome}} {{class}}' },
          { expr: perSecond('drover_task_retries_total', 'class'), legend: 'again: {{class}}' },
        ],
      },
      {
        title: 'Controller',
        about: 'Cores that it uses, and its memory.',
        unit: 'short',
        queries: [
          { expr: 'rate(process_cpu_seconds_total[$__rate_interval])', legend: 'cores' },
          { expr: 'process_resident_memory_bytes / 1024 / 1024 / 1024', legend: 'GiB' },
        ],
      },
    ],
  },
];

export function grafanaDashboard(): Dashboard {
  const builder = new DashboardBuilder('Drover')
    .uid('drover')
    .tags(['drover', 'llm'])
    .refresh('30s')
    .time({ from: 'now-1h', to: 'now' })
    .timezone('browser')
    .withVariable(new DatasourceVariableBuilder('datasource').label('Source').type('prometheus'));
  let id = 0;
  for (const { title, panels } of ROWS) {
    builder.withRow(new RowBuilder(title).id(++id));
    for (const panel of panels) builder.withPanel(panelOf(panel).id(++id));
  }
  return builder.build();
}

function panelOf({ title, about, unit, queries }: Panel): PanelBuilder {
  const panel = new PanelBuilder().title(title).description(about).unit(unit).datasource(SOURCE).min(0);
  panel.span(WIDTH).height(HEIGHT).legend(legendBelow());
  queries.forEach(({ expr, legend }, place) =>
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCharCode('A'.charCodeAt(0) + place))
        .expr(expr)
        .legendFormat(legend)
        .datasource(SOURCE),
    ),
  );
  return panel;
}

function legendBelow(): VizLegendOptionsBuilder {
  const below = new VizLegendOptionsBuilder().placement(LegendPlacement.Bottom).displayMode(LegendDisplayMode.List);
  return below.showLegend(true).calcs([]);
}

/** Every expression of the dashboard's panels. */
export function expressionsOf(dashboard: Dashboard): readonly string[] {
  const targets = (dashboard.panels ?? []).flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []));
  return targets.flatMap((target) => ('expr' in target && typeof target.expr === 'string' ? [target.expr] : []));
}

/** The metrics that an expression reads, parts of a histogram by the name of the whole, and the labels that it goes by. */
export function namesIn(expression: string): {
  readonly metrics: readonly string[];
  readonly labels: readonly string[];
} {
  const groups = [...expression.matchAll(/ by \(([^)]*)\)/g)].map(([, labels = '']) => labels);
  const rest = expression.replace(/ by \([^)]*\)/g, '');
  const names = rest.match(/\b(?:drover|gen_ai|process|nodejs)_\w+/g) ?? [];
  return {
    metrics: names.map((name) => name.replace(/_(?:bucket|sum|count)$/, '')),
    labels: groups.flatMap((labels) => labels.split(', ')).filter((label) => label !== 'le'),
  };
}
