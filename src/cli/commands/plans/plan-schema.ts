/** `drover plan schema`: what a plan looks like, for programs. */

import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

export async function schema(this: CliContext, flags: { readonly fields: boolean }): Promise<void> {
  const { compiledPlanSchema, taskFieldsSchema } = await import('../../../plans/index.ts');
  printJson(this, flags.fields ? taskFieldsSchema() : compiledPlanSchema());
}
