/**
 * What agents tell of instances, written down: the last report of each, and a fact for every change, in one
 * transaction. It decides nothing; what a change means for the instance was the supervisor's to decide.
 */

import { subject } from '../../contract/index.ts';
import type { EndedProcess, InstanceReport, ProbeRecord } from '../../contract/index.ts';
import { createMailbox } from '../../kernel/index.ts';
import type { Log } from '../../kernel/index.ts';
import { latestFactOfType, listInstances, observeInstance, recordProbes } from '../../store/index.ts';
import type { Store, Tx } from '../../store/index.ts';

export interface InstanceHistory {
  /** The last report that is stored; null when there is none. */
  lastKnown(name: string): InstanceReport | null;
  onReport(report: InstanceReport, options: { readonly adopted: boolean }): void;
  onProbes(probes: readonly ProbeRecord[]): void;
  /** The instance is no more: what follows under its name is another one. */
  forget(name: string): void;
  /** Resolves when everything that was told is stored. */
  close(): Promise<void>;
}

type Told =
  | { readonly kind: 'report'; readonly report: InstanceReport; readonly adopted: boolean }
  | { readonly kind: 'probes'; readonly probes: readonly ProbeRecord[] }
  | { readonly kind: 'forgotten'; readonly name: string };

export async function createInstanceHistory(deps: {
  readonly store: Store;
  readonly log: Log;
}): Promise<InstanceHistory> {
  const { store, log } = deps;
  const stored = new Map<string, InstanceReport>();
  for (const { name, report } of await store.read(listInstances)) if (report !== null) stored.set(name, report);

  const write = async (told: Told): Promise<void> => {
    switch (told.kind) {
      case 'probes':
        return store.write((tx) => recordProbes(tx, told.probes));
      case 'forgotten':
        return void stored.delete(told.name);
      case 'report': {
        const before = stored.get(told.report.name) ?? null;
        await store.write((tx) => writeReport(tx, before, told));
        return void stored.set(told.report.name, told.report);
      }
      default:
        return told satisfies never;
    }
  };

  const mailbox = createMailbox<Told>(write, (error, { kind }) => {
    log.error({ err: error, kind }, 'what an agent told was not stored');
  });

  return {
    lastKnown: (name) => stored.get(name) ?? null,
    onReport: (report, { adopted }) => mailbox.post({ kind: 'report', report, adopted }),
    onProbes(probes) {
      if (probes.length > 0) mailbox.post({ kind: 'probes', probes });
    },
    forget: (name) => mailbox.post({ kind: 'forgotten', name }),
    async close() {
      await mailbox.idle();
      mailbox.close();
    },
  };
}

async function writeReport(
  tx: Tx,
  before: InstanceReport | null,
  { report, adopted }: Extract<Told, { kind: 'report' }>,
): Promise<void> {
  const about = subject.instance(report.name);
  await observeInstance(tx, report);
  const told = await toldUntil(tx, before, report);
  for (const end of report.ended) if (end.at > told) tx.record(exitFact(about, end));
  if (adopted) tx.record({ type: 'instance.adopted', subject: about, data: { pid: report.pid ?? 0 } });
  if (before !== null && before.state !== report.state) tx.record(changeFact(about, before, report, tx.now));
  if (before !== null && before.health !== report.health) {
    const { health: to, healthDetail: detail } = report;
    tx.record({ type: 'instance.health_changed', subject: about, data: { from: before.health, to, detail } });
  }
}

/** When the last process ended that was told of. An instance that no store knew before is known by its facts. */
async function toldUntil(tx: Tx, before: InstanceReport | null, { name, ended }: InstanceReport): Promise<number> {
  if (ended.length === 0) return 0;
  if (before !== null) return before.ended.at(-1)?.at ?? 0;
  const fact = await latestFactOfType(tx.db, subject.instance(name), 'instance.exited');
  return fact?.data.ended_at ?? 0;
}

function exitFact(about: string, { launch, pid, code, signal, asked, at }: EndedProcess) {
  return {
    type: 'instance.exited' as const,
    subject: about,
    data: { launch, pid, code, signal, asked, ended_at: at },
  };
}

/** While it loads, its detail says how far it is, not why it changed. */
function reasonOf({ failure, health, healthDetail }: InstanceReport): string | null {
  return failure?.message ?? (health === 'loading' ? null : healthDetail);
}

function changeFact(about: string, before: InstanceReport, report: InstanceReport, now: number) {
  return {
    type: 'instance.changed' as const,
    subject: about,
    data: {
      from: before.state,
      to: report.state,
      pid: report.pid,
      port: report.port,
      reason: reasonOf(report),
      delay_ms: report.nextStartAt === null ? null : Math.max(0, report.nextStartAt - now),
      restarts: report.restarts,
    },
  };
}
