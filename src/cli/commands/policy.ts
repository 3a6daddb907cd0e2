/** `drover policy …`: what the commands of tasks may be, by the files of this home. Needs no daemon. */

import { homedir } from 'node:os';

import type { ExecutorRole, Verdict } from '../../agent/index.ts';
import { EXIT } from '../../contract/exit-codes.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { renderFields } from '../table.ts';

interface RoleFlags {
  readonly role: ExecutorRole;
  readonly json: boolean;
}

export async function show(this: CliContext, { role, json }: RoleFlags): Promise<void> {
  const { createPolicies } = await import('../../agent/permissions/index.ts');
  const { policy, file } = createPolicies(this.paths.home).of(role);
  if (json) return printJson(this, policy);
  const { mode, allow, deny, ask, guards, files, network } = policy;
  this.out.write(
    renderFields([
      ['Role', role],
      ['From', file ?? 'built in'],
      ['Mode', mode],
      ['Allow', allow.join(', ') || (mode === 'strict' ? 'nothing' : 'all that is not denied')],
      ['Deny', deny.join(', ') || 'nothing'],
      ['Ask', ask.join(', ') || 'nothing'],
      ['Guards', guards.join(', ') || 'none'],
      ['Read', files.read.join(', ') || 'everything'],
      ['Write', ['the batch folder', ...files.write].join(', ')],
      ['Network', typeof network === 'string' ? network : network.join(', ')],
    ]),
  );
}

export async function check(this: CliContext, { role, json }: RoleFlags, command: string): Promise<void> {
  const { createPolicies, judge, realPath } = await import('../../agent/permissions/index.ts');
  const { policy } = createPolicies(this.paths.home).of(role);
  const environment = environmentOf(this);
  const keep = [this.paths.home, environment.HOME];
  const verdict = judge(command, policy, { cwd: this.cwd, keep, realPath, environment, approved: [] });
  if (json) printJson(this, verdict);
  else this.out.line(sentence(verdict));
  if (verdict.kind === 'denied') this.end(EXIT.refused);
  if (verdict.kind === 'ask') this.end(EXIT.failed);
}

/** What a task has that is run in this folder; any other variable is empty there, as for a task that does not set it. */
function environmentOf({ env, paths, cwd }: CliContext) {
  return {
    HOME: env['HOME'] || homedir(),
    PATH: env['PATH'] ?? '',
    DROVER_HOME: paths.home,
    DROVER_BATCH_PATH: cwd,
    DROVER_PLAN_PATH: cwd,
  };
}

function sentence(verdict: Verdict): string {
  switch (verdict.kind) {
    case 'allowed':
      return 'allowed';
    case 'denied':
      return `forbidden: "${verdict.command}" (${verdict.rule})`;
    case 'ask':
      return `a person would be asked: ${verdict.commands.map((each) => `"${each}"`).join(', ')}`;
  }
}

export async function schema(this: CliContext): Promise<void> {
  const { policyJsonSchema } = await import('../../agent/permissions/index.ts');
  printJson(this, policyJsonSchema());
}
