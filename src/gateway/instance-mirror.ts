/**
 * The dispatcher's picture of the instances: the latest report of each, which of their slots are held, and which ones
 * did not answer a moment ago. A picture may inform placement; whether a call works, the engine says.
 */

import type { InstanceReport } from '../contract/index.ts';
import { connectHost } from '../engines/index.ts';
import type { Candidate } from './placement.ts';
import { SlotTable } from './slots.ts';

/** Where an engine is reached. */
export interface EngineAddress {
  readonly instance: string;
  /** `http://host:port`. */
  readonly origin: string;
  readonly key: string | null;
  /** Device ids joined by commas. */
  readonly device: string;
}

/** An instance that could not be reached is left alone this long, unless it reports again. */
const SUSPECT_MS = 1_000;
const WITH_PROCESS: ReadonlySet<string> = new Set(['loading', 'ready', 'unhealthy', 'stopping']);

export class MirroredInstances {
  readonly slots = new SlotTable();
  readonly #reports = new Map<string, InstanceReport>();
  readonly #suspects = new Map<string, { readonly generation: number; readonly until: number }>();

  get reports(): ReadonlyMap<string, InstanceReport> {
    return this.#reports;
  }

  names(): IterableIterator<string> {
    return this.#reports.keys();
  }

  set(report: InstanceReport): void {
    this.#reports.set(report.name, report);
    if (!WITH_PROCESS.has(report.state) || report.port === null) return this.slots.removeInstance(report.name);
    this.slots.setInstance(report.name, `${report.pid}:${report.startedAt}:${report.port}`, report.slotsTotal);
  }

  remove(name: string): void {
    this.#reports.delete(name);
    this.#suspects.delete(name);
    this.slots.removeInstance(name);
  }

  suspect(name: string, now: number): void {
    const generation = this.#reports.get(name)?.generation;
    if (generation !== undefined) this.#suspects.set(name, { generation, until: now + SUSPECT_MS });
  }

  /** When the first suspicion ends; null when there is none. */
  suspectUntil(now: number): number | null {
    for (const [name, { until }] of this.#suspects) if (until <= now) this.#suspects.delete(name);
    const ends = [...this.#suspects.values()].map(({ until }) => until);
    return ends.length === 0 ? null : Math.min(...ends);
  }

  candidate(name: string, now: number): Candidate {
    const report = this.#reports.get(name);
    const suspicion = this.#suspects.get(name);
    return {
      name,
      state: report?.state ?? null,
      contextSize: report?.contextSize ?? 0,
      slotsBusy: this.slots.busy(name),
      slotsTotal: this.slots.total(name),
      suspect: suspicion !== undefined && suspicion.generation === report?.generation && suspicion.until > now,
    };
  }

  /** Null when nothing listens. */
  address(name: string): EngineAddress | null {
    const report = this.#reports.get(name);
    if (report === undefined || report.port === null) return null;
    const host = connectHost(report.host);
    const origin = `http://${host.includes(':') ? `[${host}]` : host}:${report.port}`;
    return { instance: name, origin, key: report.key, device: report.devices.join(',') };
  }
}
