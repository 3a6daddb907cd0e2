/** The latest report of every instance, as agents tell them. It informs and never gates; the supervisor decides. */

import type { InstanceReport } from '../../contract/index.ts';
import { createBus } from '../../kernel/index.ts';
import type { Bus, Log } from '../../kernel/index.ts';

export type InstanceEvent =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'gone'; readonly name: string };

export interface InstanceMirror {
  readonly reports: ReadonlyMap<string, InstanceReport>;
  readonly events: Bus<InstanceEvent>;
  report(report: InstanceReport, options: { readonly adopted: boolean }): void;
  gone(name: string): void;
  /** A hello brings the whole picture: what it does not name is gone. */
  replace(reports: readonly InstanceReport[]): void;
}

export function createInstanceMirror(log: Log): InstanceMirror {
  const reports = new Map<string, InstanceReport>();
  const events = createBus<InstanceEvent>((error) => log.error({ err: error }, 'instance listener failed'));

  const mirror: InstanceMirror = {
    reports,
    events,
    report(report, { adopted }) {
      reports.set(report.name, report);
      events.publish({ kind: 'report', report, adopted });
    },
    gone(name) {
      reports.delete(name);
      events.publish({ kind: 'gone', name });
    },
    replace(all) {
      for (const report of all) mirror.report(report, { adopted: false });
      const live = new Set(all.map(({ name }) => name));
      for (const name of reports.keys()) if (!live.has(name)) mirror.gone(name);
    },
  };
  return mirror;
}
