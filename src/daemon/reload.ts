/** What both daemons do on SIGHUP: read their settings again. */

import type { LiveSettings } from '../config/index.ts';
import type { Log } from '../kernel/index.ts';

/** A file that cannot be used changes nothing, and is told in the log. */
export function reloadOnSignal(live: LiveSettings, log: Log): void {
  try {
    log.info({ ...live.reload() }, 'settings read again');
  } catch (error) {
    log.error({ err: error }, 'settings could not be read again');
  }
}
