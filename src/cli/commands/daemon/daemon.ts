/** `drover daemon …`: the daemons of this home. */

import { resolve } from 'node:path';

import type { DaemonStatusView } from '../../../contract/daemon.ts';
import { formatDuration } from '../../../contract/durations.ts';
import { EXIT, knownExit } from '../../../contract/exit-codes.ts';
import type { LifecycleDeps } from '../../../daemon/lifecycle.ts';
import { removeFile } from '../../../kernel/files.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderFields } from '../../table.ts';

interface StartFlags {
  readonly agent?: boolean;
  readonly devices?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export async function start(this: CliContext, flags: StartFlags = {}): Promise<void> {
  const { startController } = await import('../../../daemon/lifecycle.ts');
  const lifecycle = lifecycleOf(this);
  const stored = await storeFlags(this, flags);
  const { kind, status: view } = await startController(lifecycle);
  const { pid } = view.controller;
  this.out.line(
    kind === 'started'
      ? `drover daemon started (pid ${pid}), front door ${view.url}`
      : `drover daemon runs already (pid ${pid}), front door ${view.url}`,
  );
  if (stored && kind === 'already-running') {
    this.err.line('what was given is stored; the running daemon heeds it after: drover daemon restart');
  }
}

/** Into the settings, where every later start finds them, a person's, a crash's or a service's; false: none is given. */
async function storeFlags(context: CliContext, flags: StartFlags): Promise<boolean> {
  const given = Object.entries(await settingsOf(context, flags)).filter(([, value]) => value !== undefined);
  if (given.length === 0) return false;
  const { storeSetting } = await import('./config-settings.ts');
  for (const [key, value] of given) await storeSetting(context, key, String(value));
  return true;
}

async function settingsOf({ cwd }: CliContext, { agent, devices, tlsCert, tlsKey }: StartFlags) {
  return { local_agent: agent, devices, ...(await tlsSettings(cwd, tlsCert, tlsKey)) };
}

/** Absolute: the daemon works elsewhere. Rejects with CONFIG_INVALID for what is no certificate with its key. */
async function tlsSettings(cwd: string, cert: string | undefined, key: string | undefined) {
  if (cert === undefined && key === undefined) return {};
  const { readTls } = await import('../../../daemon/door-rules.ts');
  const files = { tlsCert: placeOf(cwd, cert), tlsKey: placeOf(cwd, key) };
  readTls(files);
  return { tls_cert: files.tlsCert, tls_key: files.tlsKey };
}

function placeOf(cwd: string, file: string | undefined): string | null {
  return file === undefined ? null : resolve(cwd, file);
}

export async function stop(this: CliContext, flags: { readonly all: boolean }): Promise<void> {
  const { stopDaemons } = await import('../../../daemon/lifecycle.ts');
  const { kind } = await stopDaemons(lifecycleOf(this), flags);
  const what = flags.all
    ? 'drover daemon, engines and workers are stopped'
    : 'drover daemon is stopped; engines keep running';
  this.out.line(kind === 'stopped' ? what : 'drover daemon was not running');
}

export async function restart(this: CliContext): Promise<void> {
  await stop.call(this, { all: false });
  await start.call(this);
}

export async function status(this: CliContext, flags: { readonly json: boolean }): Promise<void> {
  const { askDaemon } = await import('../../../daemon/lifecycle.ts');
  // Of another machine it matters why nothing answers.
  const view = this.isRemote ? await this.quietClient.daemon() : await askDaemon(this.quietClient);
  if (view === null) {
    this.out.line(
      flags.json ? '{"running": false}' : 'drover daemon is not running; start it with "drover daemon start"',
    );
    return this.end(EXIT.unreachable);
  }
  if (flags.json) return printJson(this, view);
  this.out.write(
    renderFields([
      ['Running', `pid ${view.controller.pid}, for ${formatDuration(view.controller.uptime_ms)}`],
      ['Version', view.version],
      ['Front door', view.url],
      ['Socket', view.socket],
      ['Agents', showAgents(view)],
      ...(view.offered_devices === null ? [] : ([['Devices', `only ${view.offered_devices.join(', ')}`]] as const)),
    ]),
  );
}

function showAgents({ agents, local_agent: localAgent }: DaemonStatusView): string {
  const shown = agents.map(
    ({ host, pid, connected, silent }) =>
      `${host} (pid ${pid}${connected ? '' : ', not connected'}${silent ? ', silent' : ''})`,
  );
  if (!localAgent) shown.push('none kept on this machine (local_agent is false)');
  return shown.length === 0 ? 'none connected' : shown.join(', ');
}

/** The controller in this very process, until it is told to end. */
export async function run(this: CliContext): Promise<void> {
  removeFile(this.paths.stoppedMarker);
  await import('../../../daemon/controller.ts');
  this.end(knownExit(Number(process.exitCode ?? EXIT.ok)));
}

function lifecycleOf(context: CliContext): LifecycleDeps {
  const { paths, env, clock, quietClient, signal } = context;
  return { paths, env, clock, client: quietClient, signal };
}
