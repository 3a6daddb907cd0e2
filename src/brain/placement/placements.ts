/**
 * Keeps the loaded models in step with the waiting work: looks when something has changed, has loads and unloads done,
 * and remembers what is under way, what failed, and how long tasks take. What to do is `decide.ts`.
 */

import { AppError, subject } from '../../contract/index.ts';
import { Alarm } from '../../kernel/index.ts';
import type { Clock, Log, Scope } from '../../kernel/index.ts';
import { beginPlacement, closeLeftPlacements, endPlacement } from '../../store/index.ts';
import type { NewPlacement, Store } from '../../store/index.ts';
import { modelNeededBy } from '../known.ts';
import type { Book } from '../book.ts';
import { usableHosts } from '../dispatch/hand-out.ts';
import type { AgentPort, ModelsPort } from '../ports.ts';
import { decidePlacements } from './decide.ts';
import { Idleness } from './idleness.ts';
import { outlookOf } from './outlook.ts';
import { placesFor } from './places.ts';
import type { Claim, Placement, ServedInstance, Situation } from './situation.ts';
import { isWorthALook, survey } from './survey.ts';
import { nextUnloadAt } from './unloads.ts';

interface PlacementsDeps {
  readonly store: Store;
  readonly agents: AgentPort;
  readonly models: ModelsPort;
  readonly book: () => Book;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
}

interface Placements {
  /** Closes what an earlier life left open. Before the first look. */
  start(): Promise<void>;
  /** Something has changed. Cheap; looks are bounded in number. */
  look(): void;
  /** What is being done about a model that nothing serves, for people; null when nothing can be. */
  placing(model: string): string | null;
  /** No load of ours will bring the model: none can, or all that could have failed. A request may wake it, or hear why not. */
  isLeftToRequests(model: string): boolean;
  /** An attempt that needed the model ran this long, its wait for a slot included. */
  noteRun(model: string, ms: number): void;
}

/** Between two looks: what changes meanwhile is seen together. */
const LOOK_BEAT_MS = 100;
/** A load that failed is left alone for this long, and twice as long after each further failure in a row. */
const FIRST_REFUSAL_MS = 30_000;
const LONGEST_REFUSAL_MS = 600_000;
/** Weight of the newest run. */
const SMOOTHING = 0.2;

export function createPlacements(deps: PlacementsDeps): Placements {
  return new ModelPlacements(deps);
}

type Load = Extract<Placement, { readonly kind: 'load' }>;

interface Refusal {
  readonly reason: string;
  readonly until: number;
  readonly failures: number;
  /** There was no room just then; anything else is wrong with the model or its engine. */
  readonly wasForRoom: boolean;
}

class ModelPlacements implements Placements {
  readonly #deps: PlacementsDeps;
  readonly #pending = new Set<Placement>();
  readonly #refusals = new Map<string, Refusal>();
  readonly #taskMs = new Map<string, number>();
  readonly #idleness = new Idleness();
  #claims: readonly Claim[] = [];
  /** As the last look saw it. */
  #situation: Situation | null = null;
  #beat: Disposable | null = null;
  readonly #wake: Alarm;

  constructor(deps: PlacementsDeps) {
    this.#deps = deps;
    this.#wake = new Alarm(deps.clock, () => this.#decide());
    deps.scope.defer(() => this.#stopTimers());
  }

  async start(): Promise<void> {
    await this.#deps.store.write(closeLeftPlacements);
  }

  look(): void {
    const { book, clock } = this.#deps;
    if (this.#beat !== null || (this.#claims.length === 0 && !isWorthALook(book()))) return;
    this.#beat = clock.after(LOOK_BEAT_MS, () => {
      this.#beat = null;
      this.#decide();
    });
  }

  noteRun(model: string, ms: number): void {
    const before = this.#taskMs.get(model);
    const busyMs = ms * this.#slotShare(model);
    this.#taskMs.set(model, before === undefined ? busyMs : before + SMOOTHING * (busyMs - before));
  }

  #decide(): void {
    const { book, clock, scope, agents, models } = this.#deps;
    // What runs there is not known before its agent has told.
    if (!usableHosts(book(), agents).includes(models.host)) return;
    const now = clock.now();
    const situation = survey(book(), this.#deps, this.#memory(now), now);
    this.#situation = situation;
    const { placements, claims } = decidePlacements(situation);
    this.#claim(claims);
    for (const placement of placements) {
      this.#pending.add(placement);
      scope.run(() => this.#carryOut(placement));
    }
    if (situation.scripts.length + situation.work.length === 0) return;
    const next = this.#nextLookAt(situation);
    if (Number.isFinite(next)) this.#wake.ringWithin(next - now);
  }

  placing(model: string): string | null {
    for (const it of this.#pending)
      if (it.kind === 'load' && it.model === model) return `it is being loaded into ${it.device}`;
    const claim = this.#claims.find((it) => it.model === model);
    if (claim) return `it will be loaded into ${claim.device} when the tasks there have ended`;
    const refused = [...this.#refusals].find(([key]) => key.startsWith(`${model} `));
    if (refused) return refused[1].reason;
    return this.#situation === null ? null : outlookOf(model, this.#situation, this.#deps.clock.now());
  }

  isLeftToRequests(model: string): boolean {
    const { agents, models } = this.#deps;
    if (models.comesByRequest(model)) return true;
    const loadable = models.loadable(model);
    const devices = agents.devices(models.host).filter(({ roles }) => roles.includes('instances'));
    if (loadable === null || devices.length === 0) return false;
    const places = placesFor(
      loadable,
      devices.map(({ id, kind, totalBytes }) => ({ id, isCpu: kind === 'cpu', totalBytes })),
    );
    return places.every(({ id }) => this.#refusals.get(`${model} ${id}`)?.wasForRoom === false);
  }

  /** Slots for each of the attempts that share them: what is handed over ahead waits for one. */
  #slotShare(model: string): number {
    const { book, models } = this.#deps;
    const serving = models.instances().filter(({ models: names, state }) => names.has(model) && state === 'ready');
    const slots = serving.reduce((sum, instance) => sum + instance.slots, 0);
    const underWay = [...book().held.values()].filter((known) => modelNeededBy(known) === model).length;
    return Math.min(1, slots / Math.max(1, underWay));
  }

  #memory(now: number) {
    return {
      pending: [...this.#pending],
      refused: new Set([...this.#refusals].flatMap(([key, { until }]) => (until > now ? [key] : []))),
      taskMs: (model: string) => this.#taskMs.get(model) ?? null,
      idleSince: (instance: ServedInstance) => this.#idleness.since(instance, now),
    };
  }

  /** Devices that are to take no new tasks until their load has begun. */
  #claim(claims: readonly Claim[]): void {
    const { agents, models } = this.#deps;
    const devices = claims.map(({ device }) => device);
    if (devices.join() !== this.#claims.map(({ device }) => device).join()) agents.claim(models.host, devices);
    this.#claims = claims;
  }

  async #carryOut(placement: Placement): Promise<void> {
    try {
      await this.#recorded(placement);
    } catch (error) {
      // The store is away: nothing else may tell when it is there again.
      this.#wake.ringWithin(FIRST_REFUSAL_MS);
      throw error;
    } finally {
      this.#pending.delete(placement);
    }
    this.look();
  }

  async #recorded(placement: Placement): Promise<void> {
    const { store, clock } = this.#deps;
    const row = this.#rowOf(placement);
    const { action, target, because } = row;
    const about = subject.model(row.model);
    const begunAt = clock.monotonic();
    const id = await store.write(async (tx) => {
      tx.record({ type: 'model.placement_begun', subject: about, data: { action, target, because } });
      return beginPlacement(tx, row);
    });
    const reason = await this.#perform(placement);
    const ms = Math.round(clock.monotonic() - begunAt);
    await store.write(async (tx) => {
      tx.record({ type: 'model.placement_ended', subject: about, data: { action, target, ms, reason } });
      await endPlacement(tx, id, { state: reason === null ? 'succeeded' : 'failed', reason });
    });
  }

  #rowOf(placement: Placement): NewPlacement {
    const { because } = placement;
    if (placement.kind === 'load') {
      return { action: 'load_llm', model: placement.model, target: placement.device, because };
    }
    const { instance } = placement;
    const served = this.#deps.models.instances().find(({ name }) => name === instance);
    return { action: 'unload_llm', model: served?.model ?? instance, target: instance, because };
  }

  /** Null when it is done; else why not. */
  async #perform(placement: Placement): Promise<string | null> {
    const { models, log, clock } = this.#deps;
    try {
      if (placement.kind === 'load') await models.load(placement.model, placement.device);
      else await models.sleep(placement.instance);
      if (placement.kind === 'load') this.#refusals.delete(`${placement.model} ${placement.device}`);
      return null;
    } catch (error) {
      log.warn({ err: error, placement }, 'placement failed');
      const reason = error instanceof Error ? error.message : String(error);
      const wasForRoom = error instanceof AppError && error.code === 'MEMORY_INSUFFICIENT';
      if (placement.kind === 'load') this.#refuse(placement, { reason, wasForRoom }, clock.now());
      return reason;
    }
  }

  #refuse({ model, device }: Load, why: Pick<Refusal, 'reason' | 'wasForRoom'>, now: number): void {
    const key = `${model} ${device}`;
    const failures = (this.#refusals.get(key)?.failures ?? 0) + 1;
    const ms = Math.min(LONGEST_REFUSAL_MS, FIRST_REFUSAL_MS * 2 ** (failures - 1));
    this.#refusals.set(key, { ...why, until: now + ms, failures });
  }

  /** When time alone changes what can be done, epoch ms: a refusal is over, or an instance has been idle for long enough. */
  #nextLookAt(situation: Situation): number {
    const refusals = [...this.#refusals.values()].map(({ until }) => until);
    const unload = nextUnloadAt(situation) ?? Number.POSITIVE_INFINITY;
    return Math.min(...[...refusals, unload].filter((at) => at > situation.now));
  }

  #stopTimers(): void {
    this.#beat?.[Symbol.dispose]();
    this.#wake.stop();
  }
}
