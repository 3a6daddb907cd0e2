/**
 * What a look at the devices means for this host: work may start or must pause, instances on a card that was lost move,
 * and the controller is told at once of what it decides by. Readings alone wait for the heartbeat.
 */

import type { AgentFrame, DeviceReport, InstanceReport } from '../../contract/index.ts';
import type { Supervisor } from '../../instances/index.ts';
import type { Log } from '../../kernel/index.ts';

interface DeviceNews {
  heed(reports: readonly DeviceReport[]): void;
}

interface DeviceNewsDeps {
  readonly send: (frame: AgentFrame) => void;
  readonly supervisor: Pick<Supervisor, 'reports' | 'restart'>;
  /** Doubts about devices, with reasons, that the controller has not confirmed. */
  readonly distrusted: () => ReadonlyMap<string, string>;
  readonly log: Log;
}

export function createDeviceNews({ send, supervisor, distrusted, log }: DeviceNewsDeps): DeviceNews {
  let told = '';
  let doubted: ReadonlySet<string> = new Set();
  let lost: ReadonlySet<string> = new Set();

  const move = (name: string, device: string): void => {
    log.warn({ name, device }, 'instance on a lost device is started anew');
    supervisor
      .restart(name, { force: true })
      .catch((error: unknown) => log.warn({ name, err: error }, 'it stays down'));
  };

  return {
    heed(reports) {
      const gone = reports.filter(({ condition }) => condition === 'lost').map(({ id }) => id);
      for (const device of gone.filter((id) => !lost.has(id))) {
        for (const { name } of supervisor.reports().filter((report) => isOn(report, device))) move(name, device);
      }
      lost = new Set(gone);
      for (const [device, reason] of distrusted()) {
        if (!doubted.has(device)) send({ kind: 'distrust', device, reason });
      }
      doubted = new Set(distrusted().keys());
      const now = JSON.stringify(reports.map(decisiveOf));
      if (now !== told) send({ kind: 'devices', devices: [...reports] });
      told = now;
    },
  };
}

function isOn({ devices, pid }: InstanceReport, device: string): boolean {
  return pid !== null && devices.includes(device);
}

/** What grants and placements are decided by, beside what the controller knows itself. */
function decisiveOf({ id, roles, condition, reservedBytes, taskReservedBytes }: DeviceReport): unknown {
  return [id, roles, condition, reservedBytes - taskReservedBytes];
}
