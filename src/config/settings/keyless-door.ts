/** A front door that listens beyond this machine needs a key: what the start, `config set` and the doctor say of it. Pure. */

import { AppError } from '../../contract/index.ts';
import { isLoopback } from '../../kernel/index.ts';

/** Also helps where the daemon does not start for want of a key. */
export const MAKE_KEY = 'DROVER_BIND=127.0.0.1 drover key create && drover daemon restart';

/** What is wrong with an address while no key is active; null on loopback. */
export function keylessDoor(bind: string): AppError | null {
  if (isLoopback(bind)) return null;
  return new AppError('CONFIG_INVALID', `the front door may not listen on ${bind} while there is no key`, {
    hint: `run "${MAKE_KEY}"`,
    detail: { bind },
  });
}
