/** What can be told of a command before it is granted: that this host would refuse it, ask a person, or lacks something. */

import { asAppError } from '../../contract/index.ts';
import { judge, realPath } from '../permissions/index.ts';
import type { ExecutorRole, Policies, Policy } from '../permissions/index.ts';
import { BUBBLEWRAP_MISSING } from '../sandbox/host-sandbox.ts';

export interface PlannedCommand {
  /** Before its placeholders are replaced. */
  readonly text: string;
  readonly executor: ExecutorRole;
  readonly sandbox: 'none' | 'bwrap';
}

export interface ForesightDeps {
  readonly policies: Policies;
  readonly keep: readonly string[];
  readonly hasSandbox: boolean;
}

/** Sentences for a warning; empty when nothing stands in the way. */
export function foresee(planned: PlannedCommand, deps: ForesightDeps): readonly string[] {
  try {
    const { policy } = deps.policies.of(planned.executor);
    return [...wordsOfPolicy(planned, policy, deps), ...lacks(planned, policy, deps)];
  } catch (error) {
    return [asAppError(error).message];
  }
}

function wordsOfPolicy({ text, executor }: PlannedCommand, policy: Policy, { keep }: ForesightDeps): string[] {
  const verdict = judge(text, policy, { cwd: '/nowhere/batch', keep, realPath, environment: null, approved: [] });
  switch (verdict.kind) {
    case 'allowed':
      return [];
    case 'denied':
      return [`the policy of ${executor} forbids "${verdict.command}" (${verdict.rule})`];
    case 'ask':
      return [`a person will be asked about ${verdict.commands.map((command) => `"${command}"`).join(', ')}`];
  }
}

function lacks({ sandbox }: PlannedCommand, { files, network }: Policy, deps: ForesightDeps): string[] {
  const boxed = sandbox === 'bwrap';
  const limited = files.read.length > 0 || files.write.length > 0 || network !== 'any';
  return [
    ...(boxed && !deps.hasSandbox ? [BUBBLEWRAP_MISSING] : []),
    ...(!boxed && limited
      ? ['the files and network of its policy are enforced in a sandbox only: add "sandbox: bwrap"']
      : []),
    ...(boxed && Array.isArray(network) && network.length > 0
      ? ['hosts of its policy are held against what commands name, not against their traffic']
      : []),
  ];
}
