/** `drover down` and `drover rm`: stop instances and wait until nothing of them is left. */

import type { CliContext } from '../../context.ts';
import { createProgress } from '../../progress.ts';
import { forEachInstance, instanceNames } from './instance-names.ts';

interface DownFlags {
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
  await forEachInstance(this, wanted, stopOne);
}

export async function rm(this: CliContext, _flags: object, name: string): Promise<void> {
  await this.client.removeInstance(name);
  this.out.line(`${name} is removed`);
}
