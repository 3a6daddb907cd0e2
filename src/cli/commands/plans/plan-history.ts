/** `drover plan history`: what the runs of a plan came to, one by one and together. */

import type { PlanHistoryView } from '../../../contract/plans.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { colourOf, doneOf, duration } from '../../format.ts';
import { renderFields, renderTable } from '../../table.ts';

interface HistoryFlags {
  readonly limit?: number;
  readonly json: boolean;
}

export async function history(this: CliContext, flags: HistoryFlags, name: string): Promise<void> {
  const view = await this.client.planHistory(name, flags.limit);
  if (flags.json) return printJson(this, view);
  this.out.write(`${renderRuns(this, view)}\n${renderFields(rollUpFields(view))}\n${renderSteps(view)}`);
}

function renderRuns({ out }: CliContext, { runs }: PlanHistoryView): string {
  return renderTable(
    [
      { title: 'BATCH', cell: (run) => run.batch_id },
      { title: 'STATUS', cell: ({ status }) => status, paint: ({ status }, text) => out.paint(colourOf(status), text) },
      { title: 'TASKS', cell: ({ tasks }) => doneOf(tasks) },
      { title: 'TOOK', align: 'right', cell: (run) => duration(run.duration_ms) },
      { title: 'CREATED', cell: (run) => run.created_at },
      { title: 'KEPT', cell: ({ trimmed }) => (trimmed ? 'summary' : 'whole') },
    ],
    runs,
  );
}

function rollUpFields({ plan, roll_up: all }: PlanHistoryView): [string, string][] {
  const failures = all.failures.map(({ class: name, tasks }) => `${tasks} ${name ?? 'items'}`).join(', ');
  return [
    ['Plan', plan],
    ['Runs', `${all.runs}, ${all.succeeded} succeeded${rate(all.success_rate)}`],
    ['Median', `${duration(all.median_duration_ms)}${trend(all.trend_percent)}`],
    ['Tokens', `${all.tokens.in} in, ${all.tokens.out} out`],
    ['Retries', String(all.retries)],
    ['Failures', failures || '-'],
  ];
}

function rate(share: number | null): string {
  return share === null ? '' : ` (${Math.round(100 * share)} %)`;
}

function trend(percent: number | null): string {
  if (percent === null) return '';
  if (percent === 0) return ', steady';
  return percent > 0 ? `, ${percent} % slower lately` : `, ${-percent} % faster lately`;
}

function renderSteps({ roll_up: { steps } }: PlanHistoryView): string {
  return renderTable(
    [
      { title: 'STEP', cell: ({ step }) => step },
      { title: 'RUNS', align: 'right', cell: ({ runs }) => String(runs) },
      { title: 'MEDIAN', align: 'right', cell: (step) => duration(step.median_run_ms) },
      { title: 'LONGEST', align: 'right', cell: (step) => duration(step.longest_run_ms) },
      { title: 'FAILED', align: 'right', cell: (step) => String(step.failed_attempts) },
      { title: 'TREND', cell: (step) => trend(step.trend_percent).replace(/^, /, '') },
    ],
    steps,
  );
}
