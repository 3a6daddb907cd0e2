/** JSON lines with component and ids; a line is an event with fields, written once at commit. */

import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
  child(fields: object): Log;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Writes to stdout, which the daemons have pointed at their log file, or to `sink`. Keys and tokens are masked. A child's
 * fields stand in the place of its parent's of the same name.
 */
export function createLog(component: string, level: LogLevel, sink?: DestinationStream): Log {
  const root = pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['key', '*.key', 'authorization', '*.authorization'], censor: '[masked]' },
    },
    sink ?? pino.destination(1),
  );
  return withFields(root, { component });
}

/** Always a child of the root: pino itself would write a field that a child repeats a second time. */
function withFields(root: Logger, fields: object): Log {
  const written = root.child(fields);
  return {
    debug: (more, event) => written.debug(more, event),
    info: (more, event) => written.info(more, event),
    warn: (more, event) => written.warn(more, event),
    error: (more, event) => written.error(more, event),
    child: (more) => withFields(root, { ...fields, ...more }),
  };
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
