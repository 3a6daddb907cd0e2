/** `drover down` and `drover rm`: stop instances and wait until nothing of them is left. */

import { asAppError } from '../../contract/errors.ts';
import type { CliContext } from '../context.ts';
import { renderError } from '../errors.ts';
import { createProgress } from '../progress.ts';
import { instanceNames } from './instance-names.ts';

export interface DownFlags {
  readonly all: boolean;
  readonly force: boolean;
}

export async function down(this: CliContext, flags: DownFlags, ...names: string[]): Promise<void> {
  const wanted = await instanceNames(this, names, flags);
  using progress = createProgress(this.err, this.clock);
  const stopOne = async (name: string): Promise<void> => {
    progress.expect(name, 'stopping');
    try {
      await this.client.stopInstance(name, { force: flags.force });
    } finally {
      progress.finish(name);
    }
    this.out.line(`${name} is stopped`);
  };
  const results = await Promise.allSettled(wanted.map(stopOne));
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [asAppError(result.reason)] : []));
  const [first] = failures;
  if (!first) return;
  if (wanted.length === 1) throw first;
  for (const failure of failures) this.err.line(renderError(failure, this.env));
  this.end(first.exitCode);
}

export async function rm(this: CliContext, _flags: object, name: string): Promise<void> {
  await this.client.removeInstance(name);
  this.out.line(`${name} is removed`);
}
