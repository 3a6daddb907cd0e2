/** Which instances a command means: those named, or with `--all` every one there is. */

import { AppError } from '../../contract/errors.ts';
import type { CliContext } from '../context.ts';

export async function instanceNames(
  context: CliContext,
  names: readonly string[],
  { all }: { readonly all: boolean },
): Promise<readonly string[]> {
  if (all && names.length > 0) {
    throw new AppError('INVALID_REQUEST', 'give names or --all, not both', { hint: 'leave one of them out' });
  }
  if (all) return (await context.client.instances()).map(({ name }) => name);
  if (names.length > 0) return [...new Set(names)];
  throw new AppError('INVALID_REQUEST', 'no instance is named', {
    hint: 'name some, or say --all; "drover ps" lists them',
  });
}
