/** JSON lines with component and ids; a line is an event with fields, written once at commit. */

import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

import { logSink } from './log-sink.ts';

export interface Log {
  debug(fields: object, event: string): void;
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
  child(fields: object): Log;
}

/** The log of a whole program. */
export interface RootLog extends Log {
  /** From now on, for this log and all its children; a component that is named goes by a level of its own. */
  setLevel(level: LogLevel, components?: Readonly<Record<string, LogLevel>>): void;
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/**
 * Writes to stdout, which the daemons have pointed at their log file, or to `sink`. Keys and tokens are masked. A child's
 * fields stand in the place of its parent's of the same name.
 */
export function createLog(component: string, level: LogLevel, sink?: DestinationStream): RootLog {
  // Children of pino keep the level they were born with: the threshold is ours, so that it can change under them.
  const root = pino(
    {
      level: 'trace',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: ['key', '*.key', 'authorization', '*.authorization'], censor: '[masked]' },
    },
    sink ?? logSink(1),
  );
  const threshold: Threshold = { level, components: {} };
  return {
    ...withFields(root, threshold, { component }),
    setLevel(changed, components = {}) {
      threshold.level = changed;
      threshold.components = components;
    },
  };
}

interface Threshold {
  level: LogLevel;
  components: Readonly<Record<string, LogLevel>>;
}

/** Always a child of the root: pino itself would write a field that a child repeats a second time. */
function withFields(root: Logger, threshold: Threshold, fields: object): Log {
  const written = root.child(fields);
  const component = 'component' in fields ? String(fields.component) : '';
  const isHeard = (level: LogLevel): boolean =>
    LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(threshold.components[component] ?? threshold.level);
  return {
    debug: (more, event) => void (isHeard('debug') && written.debug(more, event)),
    info: (more, event) => void (isHeard('info') && written.info(more, event)),
    warn: (more, event) => void (isHeard('warn') && written.warn(more, event)),
    error: (more, event) => void (isHeard('error') && written.error(more, event)),
    child: (more) => withFields(root, threshold, { ...fields, ...more }),
  };
}

export const silentLog: Log = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
};
