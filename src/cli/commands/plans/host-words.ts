/** What this machine would say to the commands of a plan; nothing of another machine's controller. */

import { homedir } from 'node:os';

import type { LintContext } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';

export async function hostWords({ isRemote, paths, env }: CliContext): Promise<Pick<LintContext, 'host'>> {
  if (isRemote) return {};
  const { createHostWords } = await import('../../../agent/terms/host-words.ts');
  return { host: createHostWords({ home: paths.home, userHome: env['HOME'] || homedir(), path: env['PATH'] }) };
}
