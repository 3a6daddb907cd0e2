/**
 * Tells each end of an instance's process once, as a fact: a report brings the latest ends, also those that happened
 * while no controller was there. What an end means for the instance was the supervisor's to decide.
 */

import { subject } from '../contract/index.ts';
import type { EndedProcess, InstanceReport } from '../contract/index.ts';
import { createMailbox } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import { latestFactOfType } from '../store/index.ts';
import type { Store, Tx } from '../store/index.ts';

export interface EndedProcesses {
  onReport(report: Pick<InstanceReport, 'name' | 'ended'>): void;
  /** Resolves when everything that was reported is stored. */
  close(): Promise<void>;
}

export function watchEndedProcesses({ store, log }: { readonly store: Store; readonly log: Log }): EndedProcesses {
  /** By instance: when the last process ended that was told. */
  const toldUntil = new Map<string, number>();

  const lastTold = async (tx: Tx, name: string): Promise<number> => {
    const known = toldUntil.get(name);
    if (known !== undefined) return known;
    const fact = await latestFactOfType(tx.db, subject.instance(name), 'instance.exited');
    return fact?.data.ended_at ?? 0;
  };

  const mailbox = createMailbox<Pick<InstanceReport, 'name' | 'ended'>>(
    async ({ name, ended }) => {
      const newest = ended.at(-1)?.at ?? 0;
      if (newest <= (toldUntil.get(name) ?? -1)) return;
      await store.write(async (tx) => {
        const told = await lastTold(tx, name);
        for (const end of ended) if (end.at > told) tx.record(toFact(name, end));
      });
      toldUntil.set(name, newest);
    },
    (error, { name }) => log.error({ err: error, instance: name }, 'the end of a process was not stored'),
  );

  return {
    onReport(report) {
      if (report.ended.length > 0) mailbox.post(report);
    },
    async close() {
      await mailbox.idle();
      mailbox.close();
    },
  };
}

function toFact(name: string, { launch, pid, code, signal, asked, at }: EndedProcess) {
  return {
    type: 'instance.exited' as const,
    subject: subject.instance(name),
    data: { launch, pid, code, signal, asked, ended_at: at },
  };
}
