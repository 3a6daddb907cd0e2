/** The health checks that nobody has been told of yet, a bounded number of the newest. Pure data. */

import type { ProbeRecord } from '../contract/index.ts';

interface ProbeLog {
  add(probe: ProbeRecord): void;
  /** All of them, oldest first; they are forgotten here. */
  take(): readonly ProbeRecord[];
}

/** Fifty instances for a quarter of an hour without a controller, at the usual interval. */
const KEPT = 5_000;
/** While an engine loads it is asked many times a second: looks so close that say the same are one. */
const APART_MS = 1_000;

export function createProbeLog(kept: number = KEPT): ProbeLog {
  let probes: ProbeRecord[] = [];
  const last = new Map<string, ProbeRecord>();
  return {
    add(probe) {
      const before = last.get(probe.name);
      if (before !== undefined && saysTheSame(before, probe) && probe.at - before.at < APART_MS) return;
      last.set(probe.name, probe);
      probes.push(probe);
      if (probes.length > kept) probes = probes.slice(-Math.ceil(kept / 2));
    },
    take() {
      const taken = probes;
      probes = [];
      return taken;
    },
  };
}

function saysTheSame(a: ProbeRecord, b: ProbeRecord): boolean {
  return a.health === b.health && a.detail === b.detail;
}
