/** Asks a running engine how it is. Decides nothing about the answers. */

import type { Health, InstanceSpec } from '../contract/index.ts';
import { probe, probeHealth, serverUrl } from '../engines/index.ts';
import type { Engines, ProbeTarget } from '../engines/index.ts';
import type { Launcher } from './launcher.ts';
import { findPortHolder, listensOn } from './port-holder.ts';
import type { RunningProcess } from './state.ts';

export interface HealthReport {
  readonly health: Exclude<Health, 'unknown'>;
  readonly detail: string | null;
}

export interface Prober {
  health(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<HealthReport>;
  /** As `health`, and the answer counts only when it comes from this very process or one of its children. */
  firstHealth(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<HealthReport>;
  /** Null when the engine does not tell. */
  busySlots(spec: InstanceSpec, process: RunningProcess, signal: AbortSignal): Promise<number | null>;
}

export function createHttpProber(engines: Engines, launcher: Launcher): Prober {
  const health: Prober['health'] = (spec, process, signal) =>
    probeHealth(engines[spec.engine.kind], spec, targetOf(spec, process, signal));

  return {
    health,
    async firstHealth(spec, process, signal) {
      const report = await health(spec, process, signal);
      const stranger = report.health === 'healthy' ? findStranger(spec.name, process, launcher) : null;
      return stranger === null
        ? report
        : { health: 'unhealthy', detail: `port ${process.port} is held by ${stranger}` };
    },
    async busySlots(spec, process, signal) {
      const reply = await probe('/slots', targetOf(spec, process, signal));
      if (reply.kind !== 'response' || reply.status !== 200) return null;
      return engines[spec.engine.kind].parseSlots(reply.body)?.busy ?? null;
    },
  };
}

function targetOf(spec: InstanceSpec, { host, port, key }: RunningProcess, signal: AbortSignal): ProbeTarget {
  return { url: serverUrl(host, port), key, timeoutMs: spec.health.timeoutMs, signal };
}

/** Whoever answered in the place of ours, after it took the port between our check and the engine's bind. */
function findStranger(name: string, process: RunningProcess, launcher: Launcher): string | null {
  if (listensOn(process.identity.pid, process.port)) return null;
  const holder = findPortHolder(process.port);
  if (holder === null || launcher.members(name).includes(holder.pid)) return null;
  return `pid ${holder.pid} (${holder.command})`;
}
