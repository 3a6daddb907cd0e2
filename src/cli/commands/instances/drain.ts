/** `drover drain` and `drover adopt`: no new requests for an instance; a config for an engine that has lost its own. */

import type { CliContext } from '../../context.ts';
import { createProgress } from '../../progress.ts';
import { forEachInstance, instanceNames } from './instance-names.ts';

interface DrainFlags {
  readonly all: boolean;
  readonly timeout?: number;
}

export async function drain(this: CliContext, flags: DrainFlags, ...names: string[]): Promise<void> {
  const wanted = await instanceNames(this, names, flags);
  using progress = createProgress(this.err, this.clock);
  await forEachInstance(this, wanted, async (name) => {
    progress.expect(name, 'draining');
    try {
      await this.client.drainInstance(name, { timeoutMs: flags.timeout });
    } finally {
      progress.finish(name);
    }
    this.out.line(`${name} is drained: nothing is in flight, and nothing new goes to it until "drover up ${name}"`);
  });
}

export async function adopt(this: CliContext, _flags: object, name: string): Promise<void> {
  const before = await this.client.instance(name);
  const view = await this.client.adoptInstance(name);
  const config = before.config_file;
  this.out.line(
    before.config === null ? `${name} is adopted (${view.status}): ${config}` : `${name} has its config: ${config}`,
  );
}
