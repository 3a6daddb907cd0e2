/** Which components of the daemons' logs the settings of levels mean. */

import type { Settings } from '../config/index.ts';
import type { LogLevel, RootLog } from '../kernel/index.ts';

type Levels = Pick<Settings, 'logLevel' | 'gpuLogLevel' | 'executorLogLevel' | 'workerLogLevel' | 'brainLogLevel'>;

/** A component without a level of its own goes by the common one. */
export function applyLogLevels(log: RootLog, levels: Levels): void {
  const own: [string, LogLevel | null][] = [
    ['devices', levels.gpuLogLevel],
    ['executor', levels.executorLogLevel],
    ['instances', levels.executorLogLevel],
    ['worker', levels.workerLogLevel],
    ['brain', levels.brainLogLevel],
  ];
  const given = own.flatMap(([component, level]) => (level === null ? [] : [[component, level] as const]));
  log.setLevel(levels.logLevel, Object.fromEntries(given));
}
