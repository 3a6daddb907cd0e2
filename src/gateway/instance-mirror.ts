/**
 * The dispatcher's picture of the instances: the latest report of each, which of their slots are held, and which ones
 * did not answer a moment ago. A picture may inform placement; whether a call works, the engine says.
 */

import type { InstanceReport } from '../contract/index.ts';
import type { Candidate } from './placement.ts';
import { SlotTable } from './slots.ts';
import type { DirectoryInstance } from './types.ts';

/** Where an engine is reached. */
export interface EngineAddress {
  readonly instance: string;
  readonly kind: InstanceReport['engine'];
  /** `http://host:port`, or with `https`. */
  readonly origin: string;
  /** Before every path; empty or with a slash at its beginning only. */
  readonly prefix: string;
  readonly key: string | null;
  /** What the engine calls its model; null when it takes any name. */
  readonly upstreamModel: string | null;
  /** Device ids joined by commas. */
  readonly device: string;
}

/** An instance that could not be reached is left alone this long, unless it reports again. */
const SUSPECT_MS = 1_000;
const WITH_PROCESS: ReadonlySet<string> = new Set(['loading', 'ready', 'unhealthy', 'stopping']);

export class MirroredInstances {
  readonly slots = new SlotTable();
  readonly #reports = new Map<string, InstanceReport>();
  readonly #addresses = new Map<string, EngineAddress>();
  readonly #suspects = new Map<string, { readonly generation: number; readonly until: number }>();

  get reports(): ReadonlyMap<string, InstanceReport> {
    return this.#reports;
  }

  names(): IterableIterator<string> {
    return this.#reports.keys();
  }

  set(report: InstanceReport): void {
    const { name, state, url, pid, startedAt, slotsTotal } = report;
    this.#reports.set(name, report);
    if (url === null || !WITH_PROCESS.has(state)) {
      this.#addresses.delete(name);
      return this.slots.removeInstance(name);
    }
    this.#addresses.set(name, addressOf(report, url));
    this.slots.setInstance(name, `${pid}:${startedAt}:${url}`, slotsTotal);
  }

  /** The whole picture: what is not in it is gone. */
  setAll(reports: readonly InstanceReport[]): void {
    const named = new Set(reports.map((report) => report.name));
    for (const name of this.names()) if (!named.has(name)) this.remove(name);
    for (const report of reports) this.set(report);
  }

  remove(name: string): void {
    this.#reports.delete(name);
    this.#addresses.delete(name);
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

  candidate({ name, drained }: DirectoryInstance, now: number): Candidate {
    const report = this.#reports.get(name);
    const suspicion = this.#suspects.get(name);
    return {
      name,
      state: report?.state ?? null,
      drained,
      contextSize: report?.contextSize ?? 0,
      slotsBusy: this.slots.busy(name),
      slotsTotal: this.slots.total(name),
      suspect: suspicion !== undefined && suspicion.generation === report?.generation && suspicion.until > now,
    };
  }

  /** Null when nothing listens. */
  address(name: string): EngineAddress | null {
    return this.#addresses.get(name) ?? null;
  }
}

function addressOf({ name, engine, key, devices, upstreamModel }: InstanceReport, url: string): EngineAddress {
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, '');
  return { instance: name, kind: engine, origin, prefix, key, upstreamModel, device: devices.join(',') };
}
