/** The GPU of an Apple chip, which shares the host's memory: a part of it may be held for models. */

import type { DeviceProbe } from '../device.ts';
import { parseAppleGpu } from './apple-profile.ts';
import type { RunCommand } from './run-command.ts';

/** Nothing here measures it without the rights of root, and what it is does not change: one look suffices. */
export function createAppleProbe(run: RunCommand): DeviceProbe {
  return {
    kind: 'apple',
    pace: 'rare',
    async read(signal) {
      const profile = await run('system_profiler', ['SPDisplaysDataType', '-json'], signal);
      if (profile === null) return [];
      const memory = await run('sysctl', ['-n', 'hw.memsize'], signal);
      const limit = await run('sysctl', ['-n', 'iogpu.wired_limit_mb'], signal).catch(() => null);
      return parseAppleGpu({ profile: profile.stdout, memory: memory?.stdout ?? '', limit: limit?.stdout ?? '' });
    },
  };
}
