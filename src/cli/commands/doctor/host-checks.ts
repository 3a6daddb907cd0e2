/** The doctor's look at the machine: programs, drivers, devices, engines, ports. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

import { asAppError } from '../../../contract/errors.ts';
import { hasCode, readFileIfExists } from '../../../kernel/files.ts';
import { hasActiveKey } from '../../active-key.ts';
import { brainDeviceProblem } from '../../brain-devices.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { detectDevices } from '../../host-devices.ts';
import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { notLookedAt } from './settings-mend.ts';

const OLDEST_NODE = 20;

export async function checkPrograms({ env }: CliContext): Promise<Finding[]> {
  const major = Number(process.versions.node.split('.')[0]);
  const node =
    major >= OLDEST_NODE
      ? ok('node', `Node ${process.versions.node}`)
      : problem('node', `Node ${process.versions.node} is too old: ${OLDEST_NODE} or newer`, 'install a newer Node');
  const bash = existsSync('/bin/bash') || existsSync('/usr/bin/bash');
  return [
    node,
    bash ? ok('bash', 'bash is there') : problem('bash', 'tasks need bash', 'apt-get install bash'),
    await checkSandbox(env['PATH']),
  ];
}

async function checkSandbox(path: string | undefined): Promise<Finding> {
  const { findBubblewrap } = await import('../../../agent/sandbox/host-sandbox.ts');
  const bwrap = findBubblewrap(path);
  if (bwrap === null)
    return warning('sandbox', 'no bubblewrap: tasks with "sandbox: bwrap" fail', 'apt-get install bubblewrap');
  const tried = spawnSync(bwrap, ['--ro-bind', '/', '/', '--unshare-pid', '--proc', '/proc', 'true'], {
    encoding: 'utf8',
  });
  if (tried.status === 0) return ok('sandbox', `${bwrap} works`);
  return warning(
    'sandbox',
    `${bwrap} cannot make a sandbox: ${tried.stderr.trim()}`,
    'sysctl kernel.unprivileged_userns_clone=1',
  );
}

/** A driver that is loaded without its tool, or a tool without its driver, is why cards are not seen. */
export function checkDrivers(): Finding[] {
  const found = DRIVERS.flatMap(({ name, isLoaded, tool, mend }) => {
    const loaded = isLoaded();
    const answer = spawnSync(tool, ['--help'], { stdio: 'ignore' });
    const hasTool = answer.error === undefined;
    if (loaded && !hasTool) return [problem('drivers', `the ${name} driver is loaded, but ${tool} is missing`, mend)];
    if (!loaded && hasTool) return [warning('drivers', `${tool} is there, but no ${name} driver is loaded`, mend)];
    return loaded ? [ok('drivers', `${name} driver and ${tool}`)] : [];
  });
  return found.length > 0 ? found : [ok('drivers', 'no driver of a card; the CPU computes')];
}

const DRIVERS = [
  {
    name: 'NVIDIA',
    isLoaded: () => existsSync('/proc/driver/nvidia/version'),
    tool: 'nvidia-smi',
    mend: 'apt-get install nvidia-driver (of the version in /proc/driver/nvidia/version), then reboot',
  },
  {
    name: 'AMD',
    isLoaded: () => existsSync('/dev/kfd'),
    tool: 'rocm-smi',
    mend: 'apt-get install rocm-smi',
  },
] as const;

const MEND_BRAIN = 'drover config set brain model=MODEL,devices=ID; drover daemon restart';

export async function checkDevices(context: CliContext): Promise<Finding[]> {
  const loaded = await settingsOf(context);
  // The settings say which devices count.
  if (loaded.kind === 'invalid') return [notLookedAt('devices', loaded.problems)];
  try {
    const devices = await detectDevices(context);
    const lacking = await brainDeviceProblem(context, devices);
    const brain = lacking === null ? [] : [problem('brain', `its model cannot run: ${lacking}`, MEND_BRAIN)];
    const seen = devices.map(({ id, name, totalBytes, condition, why }) =>
      condition === 'normal'
        ? ok('devices', `${id}: ${name}, ${bytes(totalBytes)}`)
        : warning('devices', `${id} is ${condition}: ${why ?? ''}`, `drover devices release ${id}`),
    );
    return [...seen, ...brain];
  } catch (error) {
    const { message, hint } = asAppError(error);
    return [problem('devices', message, hint ?? 'drover devices ls')];
  }
}

export async function checkEngines({ paths, env, signal }: CliContext): Promise<Finding[]> {
  const { createEngines, listEngines } = await import('../../../engines/index.ts');
  const engines = await listEngines(createEngines({ home: paths.home, environment: env }), signal);
  const own = engines.filter(({ origin, available }) => origin !== 'config' || !available);
  const usable = own.filter(({ available }) => available);
  const missing = own
    .filter(({ available }) => !available)
    .map(({ engine, reason, hint }) =>
      warning('engines', `${engine}: ${reason ?? 'not available'}`, hint ?? 'drover engine ls'),
    );
  if (usable.length === 0) {
    return [problem('engines', 'no engine can serve a model', 'drover engine build --backend cpu'), ...missing];
  }
  return [...usable.map(({ engine, version }) => ok('engines', `${engine} ${version ?? ''}`.trim())), ...missing];
}

/** The front door: ours while the daemon runs, free while it does not. */
export async function checkPort(context: CliContext): Promise<Finding[]> {
  const loaded = await settingsOf(context);
  if (loaded.kind === 'invalid') return [notLookedAt('port', loaded.problems)];
  const { askDaemon } = await import('../../../daemon/lifecycle.ts');
  const daemon = await askDaemon(context.quietClient);
  if (daemon !== null) return [ok('port', `the daemon answers at ${daemon.url}`)];
  const { port, bind } = loaded.settings;
  if (port === 0 || (await isFree(port, bind))) return [ok('port', `${bind}:${port} is free; the daemon does not run`)];
  const { findPortHolder } = await import('../../../instances/index.ts');
  const holder = findPortHolder(port);
  const by = holder === null ? 'another program' : `${holder.command} (pid ${holder.pid})`;
  const other = await freePortAfter(port, bind);
  const move =
    loaded.origins.port === 'environment' ? `export DROVER_PORT=${other}` : `drover config set port ${other}`;
  const mend = holder === null ? move : `${move} (or: kill ${holder.pid})`;
  return [problem('port', `the front door ${bind}:${port} is taken by ${by}`, mend)];
}

/** A door beyond this machine needs a key; while no daemon answers, its last words tell of one that lacked it. */
export async function checkKeys(context: CliContext): Promise<Finding[]> {
  const { keylessDoor, MAKE_KEY } = await import('../../../config/index.ts');
  const loaded = await settingsOf(context);
  const error = loaded.kind === 'invalid' ? null : keylessDoor(loaded.settings.bind);
  if (error === null) return [];
  const hasKey = (await hasActiveKey(context)) ?? !lastStartError(context).includes(error.message);
  return hasKey ? [] : [problem('keys', error.message, MAKE_KEY)];
}

function lastStartError({ paths }: CliContext): string {
  return readFileIfExists(paths.startError) ?? '';
}

async function settingsOf({ paths, env }: CliContext) {
  const { loadSettings } = await import('../../../config/index.ts');
  return loadSettings({ home: paths.home, env });
}

/** 0 (any) when none of the next few is. */
async function freePortAfter(port: number, host: string): Promise<number> {
  for (let next = port + 1; next <= Math.min(port + 20, 65_535); next += 1) {
    if (await isFree(next, host)) return next;
  }
  return 0;
}

function isFree(port: number, host: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => (hasCode(error, 'EADDRINUSE') ? resolve(false) : reject(error)));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
}
