/** The doctor's look at the machine: programs and engines. */

import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';

import { readFileIfExists } from '../../../kernel/files.ts';
import { installedFile } from '../../../kernel/installation.ts';
import type { CliContext } from '../../context.ts';
import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { asRoot, word } from './mends.ts';

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
    bash ? ok('bash', 'bash is there') : problem('bash', 'tasks need bash', asRoot('apt-get install bash')),
    await checkSandbox(env['PATH']),
  ];
}

async function checkSandbox(path: string | undefined): Promise<Finding> {
  const { findBubblewrap } = await import('../../../agent/sandbox/host-sandbox.ts');
  const bwrap = findBubblewrap(path);
  if (bwrap === null)
    return warning('sandbox', 'no bubblewrap: tasks with "sandbox: bwrap" fail', asRoot('apt-get install bubblewrap'));
  const tried = spawnSync(bwrap, ['--ro-bind', '/', '/', '--unshare-pid', '--proc', '/proc', 'true'], {
    encoding: 'utf8',
  });
  if (tried.status === 0) return ok('sandbox', `${bwrap} works`);
  return warning('sandbox', `${bwrap} cannot make a sandbox: ${tried.stderr.trim()}`, asRoot(namespaceMend(bwrap)));
}

/** What keeps users from making namespaces, and the value with which it does not. */
const NAMESPACE_BARS = [
  ['kernel.apparmor_restrict_unprivileged_userns', '1', '0'],
  ['kernel.unprivileged_userns_clone', '0', '1'],
  ['user.max_user_namespaces', '0', '15000'],
] as const;

function namespaceMend(bwrap: string): string {
  const bar = NAMESPACE_BARS.find(
    ([name, closed]) => readFileIfExists(`/proc/sys/${name.replaceAll('.', '/')}`)?.trim() === closed,
  );
  return bar === undefined ? `chmod u+s ${word(bwrap)}` : `sysctl -w ${bar[0]}=${bar[2]}`;
}

const ENGINE_MENDS: Readonly<Record<string, string>> = {
  'llama-server': 'drover engine build',
  embedded: `npm --prefix ${word(installedFile('.'))} run build`,
};

export async function checkEngines({ paths, env, signal }: CliContext): Promise<Finding[]> {
  const { createEngines, listEngines } = await import('../../../engines/index.ts');
  const engines = await listEngines(createEngines({ home: paths.home, environment: env }), signal);
  const own = engines.filter(({ origin, available }) => origin !== 'config' || !available);
  const usable = own.filter(({ available }) => available);
  const missing = own
    .filter(({ available }) => !available)
    .map(({ engine, reason }) =>
      warning('engines', `${engine}: ${reason ?? 'not available'}`, ENGINE_MENDS[engine] ?? 'drover engine ls'),
    );
  if (usable.length === 0) {
    return [problem('engines', 'no engine can serve a model', 'drover engine build --backend cpu'), ...missing];
  }
  return [...usable.map(({ engine, version }) => ok('engines', `${engine} ${version ?? ''}`.trim())), ...missing];
}
