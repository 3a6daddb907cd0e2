/** Which instances a command means, and one act for each of them, side by side. */

import { AppError, asAppError } from '../../../contract/errors.ts';
import type { CliContext } from '../../context.ts';
import { renderError } from '../../errors.ts';

/** Those named, or with `--all` every one there is. */
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

/** Rejects with the failure of a single one, and with the reason of an interrupt; of several each is told, and the first decides the exit code. */
export async function forEachInstance(
  context: CliContext,
  names: readonly string[],
  act: (name: string) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(names.map(act));
  context.signal.throwIfAborted();
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [asAppError(result.reason)] : []));
  const [first] = failures;
  if (!first) return;
  if (names.length === 1) throw first;
  for (const failure of failures) context.err.line(renderError(failure, context.env));
  context.end(first.exitCode);
}
