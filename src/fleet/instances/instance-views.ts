/** The instances of this controller as they are shown: config files, stored word and reports, looked at together. */

import { listInstanceNames, loadInstance } from '../../config/index.ts';
import { AppError, BRAIN_INSTANCE, INSTANCE_NAME, subject } from '../../contract/index.ts';
import type {
  ExitView,
  Fact,
  InstanceDetailView,
  InstanceReport,
  InstanceView,
  ProbeRecord,
  ProbeView,
} from '../../contract/index.ts';
import type { InstanceLoad } from '../../gateway/index.ts';
import { didYouMean, isoTime } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import { latestFacts, latestProbes, PROBES_KEPT } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createConfigEdits } from './config-edits.ts';
import type { Declarations } from './declarations.ts';
import type { Hosts } from '../hosts/hosts.ts';
import type { InstanceHistory } from './instance-history.ts';
import { hasEngine, toInstanceView, toReportView } from './instance-view.ts';
import type { InstancePicture } from './instance-view.ts';
import type { SpecResolver } from '../specs/spec-resolver.ts';

export interface InstanceViews {
  /** Configured, declared, or running without either. Sorted. */
  names(): readonly string[];
  /** Throws INSTANCE_NOT_FOUND with near names. */
  assertKnown(name: string): void;
  /** What the agent tells now; null when it is silent about it. */
  reportOf(name: string): InstanceReport | null;
  view(name: string): Promise<InstanceView>;
  describe(name: string): Promise<InstanceDetailView>;
}

interface InstanceViewsDeps {
  readonly home: string;
  readonly store: Store;
  readonly hosts: () => Pick<Hosts, 'instances' | 'connected' | 'localHost'>;
  readonly declarations: Declarations;
  readonly history: Pick<InstanceHistory, 'lastKnown'>;
  readonly specs: Pick<SpecResolver, 'inspect' | 'fingerprint'>;
  readonly load: (name: string) => InstanceLoad;
  /** Bytes in use by the engine, as its agent measures them; null when nobody can tell. */
  readonly observedMemory: (name: string) => Promise<number | null>;
  /** Why the setting of the brain's own instance cannot be used. */
  readonly brainTrouble: () => string | null;
  readonly clock: Clock;
}

const FACTS_SHOWN = 20;

export function createInstanceViews(deps: InstanceViewsDeps): InstanceViews {
  const { home, store, declarations, history, specs, clock } = deps;
  const edits = createConfigEdits(specs);

  const reportOf = (name: string): InstanceReport | null => deps.hosts().instances().get(name) ?? null;

  function names(): string[] {
    const declared = declarations.all().map(({ spec }) => spec.name);
    const running = [...deps.hosts().instances().values()].filter(hasEngine).map((report) => report.name);
    return [...new Set([...listInstanceNames(home), ...declared, ...running])].toSorted();
  }

  async function picture(name: string): Promise<InstancePicture> {
    const { connected, localHost } = deps.hosts();
    const loaded = loadInstance(home, name);
    const report = reportOf(name) ?? history.lastKnown(name);
    return {
      name,
      loaded,
      declared: declarations.get(name),
      report,
      connected: connected().includes(localHost),
      load: deps.load(name),
      settingTrouble: name === BRAIN_INSTANCE ? deps.brainTrouble() : null,
      edited: await edits.reachesOnlyAfterRestart(loaded, report),
      now: clock.now(),
    };
  }

  return {
    names,
    reportOf,
    assertKnown(name) {
      if (declarations.get(name) !== null || loadInstance(home, name).kind !== 'absent') return;
      if (hasEngine(reportOf(name))) return;
      throw new AppError('INSTANCE_NOT_FOUND', `no instance is named "${name}"`, {
        hint: didYouMean(name, names()) ?? `run "drover ps"${waysToMake(name)}`,
      });
    },
    view: async (name) => toInstanceView(await picture(name)),
    async describe(name) {
      const seen = await picture(name);
      const { loaded, report } = seen;
      const checked = loaded.kind === 'ok' ? await specs.inspect(loaded, report) : null;
      const [facts, exits, probes, observed] = await Promise.all([
        store.read((db) => latestFacts(db, subject.instance(name), FACTS_SHOWN)),
        store.read((db) => latestFacts(db, subject.instance(name), FACTS_SHOWN, 'instance.exited')),
        store.read((db) => latestProbes(db, name, PROBES_KEPT)),
        hasEngine(reportOf(name)) ? deps.observedMemory(name) : null,
      ]);
      return {
        view: toInstanceView(seen),
        config_file: loaded.file,
        config: loaded.kind === 'ok' ? loaded.config : null,
        problems: loaded.kind === 'invalid' ? loaded.problems : (checked?.problems ?? []),
        needs_restart: seen.edited,
        report: report && toReportView(report),
        memory_estimate: checked?.memoryEstimate ?? [],
        memory_observed_bytes: observed,
        health_history: probes.map(toProbeView),
        restart_history: exits.map(toExitView),
        facts: facts.map(toFactView),
      };
    },
  };
}

function toFactView(fact: Fact): InstanceDetailView['facts'][number] {
  return { ...fact, at: isoTime(fact.at) };
}

function toExitView({ data: { ended_at: endedAt, pid, code, signal, asked } }: Fact<'instance.exited'>): ExitView {
  return { at: isoTime(endedAt), pid, code, signal, asked };
}

function toProbeView({ at, health, detail, latencyMs }: ProbeRecord): ProbeView {
  return { at: isoTime(at), health, detail, latency_ms: latencyMs };
}

function waysToMake(name: string): string {
  return INSTANCE_NAME.test(name) ? `, or make one: "drover init ${name}"` : '';
}
