/** The latest report of every instance, as agents tell them. It informs and never gates; the supervisor decides. */

import type { InstanceReport } from '../../contract/index.ts';
import { createBus } from '../../kernel/index.ts';
import type { Bus, Log } from '../../kernel/index.ts';

export type InstanceEvent =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'gone'; readonly name: string };

export interface InstanceMirror {
  /** Of all hosts, by name. */
  readonly reports: ReadonlyMap<string, InstanceReport>;
  readonly events: Bus<InstanceEvent>;
  ofHost(host: string): readonly InstanceReport[];
  report(host: string, report: InstanceReport, options: { readonly adopted: boolean }): void;
  /** Passed over when the instance has been reported by another host since. */
  gone(host: string, name: string): void;
  /** A hello brings the whole picture of its host: what it does not name is gone from there. */
  replace(host: string, reports: readonly InstanceReport[]): void;
}

export function createInstanceMirror(log: Log): InstanceMirror {
  const reports = new Map<string, InstanceReport>();
  /** By the instance's name. */
  const hosts = new Map<string, string>();
  const events = createBus<InstanceEvent>((error) => log.error({ err: error }, 'instance listener failed'));

  const mirror: InstanceMirror = {
    reports,
    events,
    ofHost: (host) => [...reports.values()].filter(({ name }) => hosts.get(name) === host),
    report(host, report, { adopted }) {
      reports.set(report.name, report);
      hosts.set(report.name, host);
      events.publish({ kind: 'report', report, adopted });
    },
    gone(host, name) {
      if ((hosts.get(name) ?? host) !== host) return;
      reports.delete(name);
      hosts.delete(name);
      events.publish({ kind: 'gone', name });
    },
    replace(host, all) {
      for (const report of all) mirror.report(host, report, { adopted: false });
      const live = new Set(all.map(({ name }) => name));
      for (const name of reports.keys()) if (!live.has(name)) mirror.gone(host, name);
    },
  };
  return mirror;
}
