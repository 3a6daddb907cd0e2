/** What this machine would say to the commands of a plan; nothing of another machine's controller. */

import { homedir } from 'node:os';

import type { LintContext } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';

export async function hostWords({ isRemote, paths, env }: CliContext): Promise<Pick<LintContext, 'host'>> {
  if (isRemote) return {};
  const [{ foresee }, { createPolicies }, { findBubblewrap }] = await Promise.all([
    import('../../../agent/foresee.ts'),
    import('../../../agent/permissions/index.ts'),
    import('../../../agent/sandbox/host-sandbox.ts'),
  ]);
  const deps = {
    policies: createPolicies(paths.home),
    keep: [paths.home, env['HOME'] || homedir()],
    hasSandbox: findBubblewrap(env['PATH']) !== null,
  };
  return { host: (planned) => foresee(planned, deps) };
}
