/** Who else used the machine during a measurement: stolen time, and CPU of processes that are not ours. */

import { readFileSync } from 'node:fs';

export interface Noise {
  /** Per cent of all CPU time. */
  readonly steal: number;
  readonly foreign: number;
}

interface Ticks {
  readonly all: number;
  readonly busy: number;
  readonly steal: number;
}

/** `ourCpuMs` sums over every process of the measurement, this one included. */
export function watchNoise(ourCpuMs: () => number): () => Noise {
  const [before, oursBefore] = [readTicks(), ourCpuMs()];
  return () => {
    const [after, ours] = [readTicks(), ourCpuMs() - oursBefore];
    const all = Math.max(1, after.all - before.all);
    const foreign = after.busy - before.busy - ours / 10;
    return { steal: (100 * (after.steal - before.steal)) / all, foreign: Math.max(0, (100 * foreign) / all) };
  };
}

function readTicks(): Ticks {
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, soft = 0, steal = 0] =
    readFileSync('/proc/stat', 'utf8').split('\n', 1)[0]?.split(/\s+/).slice(1).map(Number) ?? [];
  const busy = user + nice + system + irq + soft;
  return { all: busy + idle + wait + steal, busy, steal };
}
