/**
 * The dispatcher's picture of the instances: the latest report of each, which of their slots are held, and which ones
 * did not answer a moment ago. A picture may inform placement; whether a call works, the engine says.
 */

import type { InstanceReport } from '../../contract/index.ts';
import { SlotTable } from '../slots/slots.ts';
import type { DirectoryInstance } from '../types.ts';
import { afterCall, breakerAt, CLOSED } from './breaker.ts';
import type { Breaker, CallVerdict } from './breaker.ts';
import type { Candidate } from './placement.ts';

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
  readonly #breakers = new Map<string, { readonly incarnation: string; readonly breaker: Breaker }>();
  readonly #leaving = new Set<string>();
  readonly #lastGiven = new Map<string, number>();
  #given = 0;

  get reports(): ReadonlyMap<string, InstanceReport> {
    return this.#reports;
  }

  names(): IterableIterator<string> {
    return this.#reports.keys();
  }

  set(report: InstanceReport): void {
    const { name, state, url, slotsTotal } = report;
    this.#reports.set(name, report);
    if (url === null || !WITH_PROCESS.has(state)) {
      this.#addresses.delete(name);
      return this.slots.removeInstance(name);
    }
    this.#addresses.set(name, addressOf(report, url));
    this.slots.setInstance(name, incarnationOf(report), slotsTotal);
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
    this.#breakers.delete(name);
    this.#lastGiven.delete(name);
    this.slots.removeInstance(name);
  }

  suspect(name: string, now: number): void {
    const generation = this.#reports.get(name)?.generation;
    if (generation !== undefined) this.#suspects.set(name, { generation, until: now + SUSPECT_MS });
  }

  /** What came of a call. True when the breaker has another state now. */
  judge(name: string, verdict: CallVerdict, now: number): boolean {
    const report = this.#reports.get(name);
    if (report === undefined) return false;
    const before = this.breaker(name, now);
    const breaker = afterCall(before, verdict, now);
    this.#breakers.set(name, { incarnation: incarnationOf(report), breaker });
    return breaker.kind !== before.kind;
  }

  /** One that was started anew has failed nobody yet. */
  breaker(name: string, now: number): Breaker {
    const known = this.#breakers.get(name);
    const report = this.#reports.get(name);
    if (known === undefined || report === undefined || known.incarnation !== incarnationOf(report)) return CLOSED;
    return breakerAt(known.breaker, now);
  }

  /** It gets nothing new until it is told to stay. */
  leave(name: string): void {
    this.#leaving.add(name);
  }

  stay(name: string): void {
    this.#leaving.delete(name);
  }

  /** A slot of it was given. */
  noteGiven(name: string): void {
    this.#lastGiven.set(name, ++this.#given);
  }

  /** When the first suspicion ends; null when there is none. */
  suspectUntil(now: number): number | null {
    for (const [name, { until }] of this.#suspects) if (until <= now) this.#suspects.delete(name);
    const ends = [...this.#suspects.values()].map(({ until }) => until);
    return ends.length === 0 ? null : Math.min(...ends);
  }

  candidate({ name, drained }: DirectoryInstance, now: number, freeBytes: (device: string) => number): Candidate {
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
      breaker: this.breaker(name, now).kind,
      leaving: this.#leaving.has(name),
      freeBytes: (report?.devices ?? []).reduce((sum, device) => sum + freeBytes(device), 0),
      lastGiven: this.#lastGiven.get(name) ?? 0,
    };
  }

  /** Null when nothing listens. */
  address(name: string): EngineAddress | null {
    return this.#addresses.get(name) ?? null;
  }
}

/** Names the process. */
function incarnationOf({ pid, startedAt, url }: InstanceReport): string {
  return `${pid}:${startedAt}:${url}`;
}

function addressOf({ name, engine, key, devices, upstreamModel }: InstanceReport, url: string): EngineAddress {
  const { origin, pathname } = new URL(url);
  const prefix = pathname.replace(/\/$/, '');
  return { instance: name, kind: engine, origin, prefix, key, upstreamModel, device: devices.join(',') };
}
