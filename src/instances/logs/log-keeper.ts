/** Keeps the logs of running engines within bounds, and notes when they were how long. On the beat of its owner. */

import type { InstanceSpec } from '../../contract/index.ts';
import { noteLength, rotateLog, statIfThere } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { logFiles } from './log-files.ts';

interface LogKeeperDeps {
  readonly home: string;
  readonly clock: Clock;
  readonly log: Log;
}

interface LogKeeper {
  /** One look at the logs of an instance. */
  keep(spec: Pick<InstanceSpec, 'name' | 'logs'>): Promise<void>;
}

export function createLogKeeper({ home, clock, log }: LogKeeperDeps): LogKeeper {
  const lastSizes = new Map<string, number>();

  const keepOne = async (path: string, { name, logs }: Pick<InstanceSpec, 'name' | 'logs'>): Promise<void> => {
    const size = statIfThere(path)?.size;
    if (size === undefined || size === lastSizes.get(path)) return;
    lastSizes.set(path, size);
    noteLength(path, clock.now());
    const rotation = await rotateLog(path, logs);
    if (rotation === 'collapsed') log.info({ instance: name, path }, 'log rotated');
    if (rotation === 'truncated') {
      log.warn({ instance: name, path }, 'log rotated by copy and truncate: lines of that moment may be lost');
    }
  };

  return {
    async keep(spec) {
      const { stdout, stderr } = logFiles(home, spec.name);
      for (const path of [stdout, stderr]) await keepOne(path, spec);
    },
  };
}
