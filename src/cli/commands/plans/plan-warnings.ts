/** What is not wrong with a valid plan but worth knowing, told on stderr beside what the command prints: a line each. */

import type { PlanWarnings } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';

/** `plan`: as the person names it. */
export async function tellWarnings(context: CliContext, plan: string, { told, more }: PlanWarnings): Promise<void> {
  if (told.length === 0) return;
  const { renderDiagnostics } = await import('../../../plans/index.ts');
  for (const { help, ...warning } of told) {
    const message = help === undefined ? warning.message : `${warning.message} (${help})`;
    context.err.line(renderDiagnostics([{ ...warning, message }], undefined));
  }
  if (more > 0) context.err.line(`… and ${more} more: drover plan lint ${plan}`);
}
