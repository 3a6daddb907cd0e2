/** RUN_SUMMARY.md: the summary of a batch as a page for people. */

import { formatDuration } from '../../contract/index.ts';
import type { FailureEntry, MemoryShare, RunSummary, Share } from '../../contract/index.ts';

export function renderSummary(summary: RunSummary): string {
  const sections = [
    headOf(summary),
    table('Steps', ['step', ...SHARE_HEADS], summary.by_step.map(shareRow)),
    table('Classes', ['class', ...SHARE_HEADS], summary.by_class.map(shareRow)),
    table('Devices', ['device', ...SHARE_HEADS], summary.by_device.map(shareRow)),
    table('Memory', ['step', 'reserved', 'peak'], summary.memory.map(memoryRow)),
    failureSection(summary.failures),
    longList(
      'Aborted',
      summary.aborted.map(({ task, reason }) => `${task}: ${reason ?? 'unknown reason'}`),
    ),
    listSection('Interventions', summary.interventions),
    listSection('Lessons', summary.lessons),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function headOf(summary: RunSummary): string {
  const { tasks, retries, tokens } = summary;
  const rate = summary.success_rate === null ? 'n/a' : `${(100 * summary.success_rate).toFixed(1)} %`;
  return [
    `# Run summary: ${summary.plan}`,
    '',
    `- **batch**: ${summary.batch_id}`,
    `- **status**: ${summary.status}`,
    `- **created**: ${summary.created_at}`,
    `- **ended**: ${summary.ended_at ?? 'not yet'}`,
    `- **duration**: ${formatDuration(summary.duration_ms)}`,
    `- **tasks**: ${tasks.total} (${countsText(tasks)})`,
    ...goalLine(tasks),
    `- **success rate**: ${rate}`,
    `- **queue wait / run time**: ${formatDuration(summary.queue_wait_ms)} / ${formatDuration(summary.run_ms)}, of all tasks together`,
    `- **retries**: ${retries.counted} counted, ${retries.free} free, ${formatDuration(retries.wasted_ms)} wasted`,
    `- **tokens**: ${tokens.in} in, ${tokens.out} out`,
    ...evaluationLine(summary.evaluation),
    `- **folder**: ${summary.path}`,
    ...(summary.notes ?? []).map(({ task, reason }) => `- **${task}**: ${reason}`),
  ].join('\n');
}

function evaluationLine(evaluation: RunSummary['evaluation']): string[] {
  if (evaluation === null) return [];
  const { judged, mean, redone } = evaluation;
  return [`- **evaluation**: ${judged} judged, ${mean.toFixed(1)} of 5 on average, ${redone} done again`];
}

function goalLine({ goal }: RunSummary['tasks']): string[] {
  if (!goal) return [];
  const { target, accepted, rejected, tried } = goal;
  return [`- **goal**: ${accepted} of ${target} accepted, ${tried} tried, ${rejected} rejected`];
}

function countsText({ total: _total, goal: _goal, ...states }: RunSummary['tasks']): string {
  const some = Object.entries(states).filter(([, count = 0]) => count > 0);
  return some.map(([state, count]) => `${count} ${state}`).join(', ') || 'none';
}

const SHARE_HEADS = ['attempts', 'failed', 'run time', 'median', 'longest'];

function shareRow(share: Share): string[] {
  const {
    name,
    attempts,
    failed_attempts: failed,
    run_ms: run,
    median_run_ms: median,
    longest_run_ms: longest,
  } = share;
  return [name, String(attempts), String(failed), formatDuration(run), formatDuration(median), formatDuration(longest)];
}

function memoryRow({ step, estimate_bytes: estimate, peak_bytes: peak }: MemoryShare): string[] {
  return [step, toMb(estimate), peak === 0 ? 'not measured' : toMb(peak)];
}

function toMb(bytes: number): string {
  return `${Math.ceil(bytes / (1024 * 1024))} MB`;
}

function table(title: string, heads: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return '';
  const lines = [heads, heads.map(() => '---'), ...rows].map((cells) => `| ${cells.map(cell).join(' | ')} |`);
  return [`## ${title}`, '', ...lines].join('\n');
}

function cell(text: string): string {
  return oneLine(text).replaceAll('|', '\\|');
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

function failureSection(failures: readonly FailureEntry[]): string {
  const lines = failures.map(
    ({ task, class: failureClass, reason, attempts, log }) =>
      `**${task}** (${failureClass ?? 'items'}, ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}): ${reason ?? 'unknown'}${log === null ? '' : ` — ${log}`}`,
  );
  return longList('Failures', lines);
}

/** What a person reads of a long list; RUN_SUMMARY.json has it whole. */
const READ = 100;

function longList(title: string, lines: readonly string[]): string {
  const more = lines.length - READ;
  return listSection(title, more > 0 ? [...lines.slice(0, READ), `and ${more} more, in RUN_SUMMARY.json`] : lines);
}

function listSection(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return [`## ${title}`, '', ...lines.map((line) => `- ${oneLine(line)}`)].join('\n');
}
