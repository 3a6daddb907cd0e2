/** `drover describe`: all that is known of one instance. */

import type { ExitView, InstanceDetailView, ProbeView } from '../../../contract/instance-views.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { bytes, duration, orDash } from '../../format.ts';
import { renderFields } from '../../table.ts';

export async function describe(this: CliContext, flags: { readonly json: boolean }, name: string): Promise<void> {
  const detail = await this.client.instance(name);
  if (flags.json) return printJson(this, detail);
  this.out.write(renderFields(fieldsOf(detail)));
  section(
    this,
    'Problems',
    detail.problems.map(({ path, message }) => (path === '' ? message : `${path}: ${message}`)),
  );
  section(this, 'Command', detail.report ? [detail.report.command.join(' ')] : []);
  section(this, 'Memory', memoryLines(detail));
  section(this, 'Health history', detail.health_history.slice(-CHECKS_SHOWN).map(checkLine));
  section(this, 'Restart history', detail.restart_history.map(exitLine));
  section(this, 'Last lines of the last exit', (detail.report?.last_exit?.tail ?? '').split('\n').filter(Boolean));
  section(
    this,
    'Latest facts',
    detail.facts.map(({ at, type, data }) => `${at}  ${type}  ${JSON.stringify(data)}`),
  );
}

/** Of a hundred that are kept. */
const CHECKS_SHOWN = 10;

function memoryLines({ memory_estimate: estimate, memory_observed_bytes: observed }: InstanceDetailView): string[] {
  return [...estimate, ...(observed === null ? [] : [`observed: ${bytes(observed)}`])];
}

function checkLine({ at, health, detail, latency_ms: latency }: ProbeView): string {
  return `${at}  ${health}${detail === null ? '' : ` (${detail})`}  ${Math.round(latency)}ms`;
}

function exitLine({ at, pid, code, signal, asked }: ExitView): string {
  const how = signal === null ? `code ${orDash(code)}` : signal;
  return `${at}  pid ${orDash(pid)}  ${how}  ${asked ? 'asked for' : 'not asked for'}`;
}

function section({ out }: CliContext, title: string, lines: readonly string[]): void {
  if (lines.length === 0) return;
  out.write(`\n${out.paint('bold', title)}\n${lines.map((line) => `  ${line}\n`).join('')}`);
}

function fieldsOf(detail: InstanceDetailView): [string, string][] {
  const { view, report, config, config_file: file, needs_restart: stale } = detail;
  return [
    ['Name', view.name],
    ['Status', `${view.status} (wanted: ${view.desired})${view.reason === null ? '' : `: ${view.reason}`}`],
    ['Health', view.health_detail === null ? view.health : `${view.health} (${view.health_detail})`],
    ['Pid', orDash(view.pid)],
    ['Address', view.port === null ? '-' : `http://${config?.server.host ?? '127.0.0.1'}:${view.port}`],
    ['Key', orDash(report?.key)],
    ['Engine', `${view.engine}, ${view.backend}`],
    ['Device', orDash(view.device)],
    ['Model', `${view.model}${report ? `, context ${report.context_size}` : ''}`],
    ['Memory', bytes(report?.memory_bytes)],
    ['Slots', `${view.slots.busy} of ${view.slots.total} busy`],
    ['Uptime', duration(view.uptime_ms)],
    ['Restarts', String(view.restarts)],
    ['Config', `${file}${stale ? ' (changed: needs a restart)' : ''}`],
  ];
}
