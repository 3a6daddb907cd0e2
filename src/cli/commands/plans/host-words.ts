/** What this machine would say to the commands of a plan; nothing of another machine's controller. */

import { homedir } from 'node:os';

import type { LintContext } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';

const CODE = 'P080';

/** Of a longer plan the agent alone says it, to each command in its turn: a submission must not wait for it. */
const LONGEST_FORESEEN = 2_000_000;

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

/** On stderr, for a plan that is valid otherwise. */
export async function tellHostWords(context: CliContext, text: string): Promise<void> {
  if (text.length > LONGEST_FORESEEN) return;
  const { lintPlan, parsePlan } = await import('../../../plans/index.ts');
  const found = lintPlan(parsePlan({ file: 'plan.md', text }), await hostWords(context));
  for (const { code, file, line, column, message } of found) {
    if (code === CODE) context.err.line(`${file}:${line}:${column}: warning ${code} ${message}`);
  }
}
