/** The host's CPU as a device: its memory is what engines and tasks without a GPU draw on. */

import { availableParallelism, cpus, freemem, totalmem } from 'node:os';

import { readingOf } from './device.ts';
import type { DeviceProbe } from './device.ts';

export function createCpuProbe(): DeviceProbe {
  let before: CpuTimes | null = null;
  return {
    kind: 'cpu',
    pace: 'cheap',
    read() {
      const now = readTimes();
      const utilisationPercent = before === null ? null : busyPercent(before, now);
      before = now;
      return Promise.resolve([
        readingOf({
          id: 'cpu',
          kind: 'cpu',
          name: cpus()[0]?.model.trim() || 'CPU',
          index: 0,
          ...hostMemory(),
          utilisationPercent,
        }),
      ]);
    },
  };
}

/** Cores that may be used by this process. */
export function countCores(): number {
  return availableParallelism();
}

/**
 * Inside a container with a memory limit, the limit is the total; what is used under it is not observed, because the
 * kernel's number counts the page cache of mapped model files.
 */
function hostMemory(): { totalBytes: number; observedBytes: number | null } {
  const totalBytes = totalmem();
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalBytes
    ? { totalBytes: limit, observedBytes: null }
    : { totalBytes, observedBytes: totalBytes - freemem() };
}

interface CpuTimes {
  readonly busy: number;
  readonly all: number;
}

function readTimes(): CpuTimes {
  const times = cpus().map((core) => core.times);
  const all = times.reduce((sum, core) => sum + core.user + core.nice + core.sys + core.idle + core.irq, 0);
  const idle = times.reduce((sum, core) => sum + core.idle, 0);
  return { busy: all - idle, all };
}

function busyPercent(before: CpuTimes, now: CpuTimes): number | null {
  const all = now.all - before.all;
  return all <= 0 ? null : Math.round(((now.busy - before.busy) / all) * 100);
}
