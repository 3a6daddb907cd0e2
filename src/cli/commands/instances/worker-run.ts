/** `drover worker run`: an embedded engine in this very process. Its flags are the engine worker's own. */

import { EXIT } from '../../../contract/exit-codes.ts';
import type { CliContext } from '../../context.ts';

export async function run(this: CliContext, _flags: object, ...argv: string[]): Promise<void> {
  const { runEngineWorker } = await import('../../../daemon/engine-worker.ts');
  const code = await runEngineWorker(argv);
  this.end(Object.values(EXIT).find((known) => known === code) ?? EXIT.failed);
}
