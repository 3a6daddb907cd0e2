/** What is not wrong with a valid plan but worth knowing, told on stderr beside what the command prints: a line each. */

import type { LintContext } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';
import { hostWords } from './host-words.ts';

/** A longer plan would keep a submission waiting: "plan lint" says it, and of its commands the agent, to each in its turn. */
const LONGEST_READ = 2_000_000;
const MOST_TOLD = 20;

interface ValidPlan {
  /** As the person names it. */
  readonly plan: string;
  readonly text: string;
  readonly known: LintContext;
}

export async function tellWarnings(context: CliContext, { plan, text, known }: ValidPlan): Promise<void> {
  if (text.length > LONGEST_READ) return;
  const { lintPlan, parsePlan, renderDiagnostics } = await import('../../../plans/index.ts');
  const found = lintPlan(parsePlan({ file: 'plan.md', text }), { ...known, ...(await hostWords(context)) });
  const warnings = found.filter(({ severity }) => severity === 'warning');
  for (const { help: _, ...warning } of warnings.slice(0, MOST_TOLD)) {
    context.err.line(renderDiagnostics([warning], undefined));
  }
  const rest = warnings.length - MOST_TOLD;
  if (rest > 0) context.err.line(`… and ${rest} more: drover plan lint ${plan}`);
}
