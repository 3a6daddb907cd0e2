/**
 * A host with cards in virtual time: scripts hold memory of a card for as long as they are said to run, models are
 * loaded in as long as they are said to take, calls keep a slot busy. It stands in for agent, gateway and instances, and
 * keeps account of what each card did.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AgentPort, Brain, InferencePort, Loadable, ModelsPort, ServedInstance } from '../../src/brain/index.ts';
import type { AttemptRef, DeviceReport, Grant, WorkerReport } from '../../src/contract/index.ts';
import type { GenerateCall, GenerateResult, ModelCapacity, SlotLease } from '../../src/gateway/index.ts';
import type { TestClock } from '../../src/kernel/index.ts';
import { cpuDevice } from './fake-agents.ts';

const MIB = 2 ** 20;

export interface RigOptions {
  readonly cards: number;
  readonly cardMb: number;
  /** The model that plans ask for. */
  readonly model: { readonly name: string; readonly memoryMb: number; readonly loadMs: number; readonly slots: number };
  readonly scriptMs: (task: string) => number;
  readonly callMs: (prompt: string) => number;
  /** Files that a cpu task leaves in its batch folder. */
  readonly files?: (task: string) => Readonly<Record<string, string>>;
  /** Cards of one group are loaded into one after the other. */
  readonly oneLoadAtATime?: boolean;
}

interface Card {
  readonly id: string;
  taskBytes: number;
  scripts: number;
  instance: 'none' | 'loading' | 'ready';
  busySlots: number;
  readyAt: number | null;
}

export class SimulatedRig implements AgentPort, InferencePort, ModelsPort {
  readonly host = 'here';
  readonly log: string[] = [];
  readonly #options: RigOptions;
  readonly #clock: TestClock;
  readonly #cards: Card[];
  readonly #queue: Grant[] = [];
  readonly #claimed = new Set<string>();
  readonly #waiters: (() => void)[] = [];
  #brain: Brain | null = null;

  constructor(clock: TestClock, options: RigOptions) {
    this.#clock = clock;
    this.#options = options;
    this.#cards = Array.from({ length: options.cards }, (_, index) => ({
      id: `sim${index}`,
      taskBytes: 0,
      scripts: 0,
      instance: 'none',
      busySlots: 0,
      readyAt: null,
    }));
  }

  async connect(brain: Brain): Promise<void> {
    this.#brain = brain;
    await brain.onHello({ host: this.host, epoch: 1, attempts: [], outcomes: [] });
    brain.onDevices(this.host);
  }

  /** Cards that do nothing now. */
  idleCards(): number {
    return this.#cards.filter(isIdle).length;
  }

  connected(): readonly string[] {
    return this.#brain ? [this.host] : [];
  }

  silent(): readonly string[] {
    return [];
  }

  devices(): readonly DeviceReport[] {
    const { cardMb, oneLoadAtATime = false } = this.#options;
    const cards = this.#cards.map((card, index): DeviceReport => {
      const totalBytes = cardMb * MIB;
      return {
        ...cpuDevice(0),
        id: card.id,
        kind: 'simulated',
        totalBytes,
        taskBudgetBytes: Math.floor(totalBytes * 0.8),
        taskFreeBytes: this.#free(card),
        reservedBytes: card.taskBytes + this.#modelBytes(card),
        loadGroup: oneLoadAtATime ? 'all' : `group${index}`,
        roles: this.#claimed.has(card.id) ? ['instances'] : ['tasks', 'instances'],
      };
    });
    return [cpuDevice(2), ...cards];
  }

  grant(_host: string, grants: readonly Grant[]): void {
    this.#queue.push(...grants);
    this.#place();
  }

  signal(_host: string, _attempt: AttemptRef): void {
    throw new Error('nothing is signalled here');
  }

  workers(): readonly WorkerReport[] {
    return [];
  }

  async quarantine(): Promise<void> {
    throw new Error('no card is distrusted here');
  }

  claim(_host: string, devices: readonly string[]): void {
    this.#claimed.clear();
    for (const id of devices) this.#claimed.add(id);
    this.#brain?.onDevices(this.host);
  }

  /** As the gateway tells it: what sleeps has the slots that a request would wake. */
  capacity(_model: string): ModelCapacity {
    const { slots } = this.#options.model;
    const ready = this.#cards.filter(({ instance }) => instance === 'ready').length;
    const isAsleep = this.#cards.every(({ instance }) => instance === 'none');
    const reason = ready === 0 && !isAsleep ? 'no instance of it is ready' : null;
    return { slots: isAsleep ? slots : ready * slots, reason, contextTokens: null, isAsleep };
  }

  async generate(call: GenerateCall): Promise<GenerateResult> {
    if (this.capacity(call.model).isAsleep) return NOT_WOKEN;
    const card = await this.#slot();
    await this.#clock.sleep(this.#options.callMs(call.prompt));
    card.busySlots -= 1;
    this.#waiters.shift()?.();
    return {
      kind: 'done',
      text: 'ok',
      tokensIn: 1,
      tokensOut: 1,
      instance: card.id,
      device: card.id,
    };
  }

  async acquireSlot(): Promise<SlotLease> {
    throw new Error('no script holds a slot here');
  }

  restoreSlot(): Pick<SlotLease, 'release'> {
    throw new Error('no script holds a slot here');
  }

  async load(model: string, device?: string): Promise<void> {
    const card = this.#cards.find(({ id }) => id === device);
    if (!card) throw new Error(`no card ${device}`);
    this.log.push(`${this.#clock.now()} load ${model} ${card.id}`);
    card.instance = 'loading';
    await this.#clock.sleep(this.#options.model.loadMs);
    card.instance = 'ready';
    card.readyAt = this.#clock.now();
    for (let slot = 0; slot < this.#options.model.slots; slot++) this.#waiters.shift()?.();
    this.#brain?.onInferenceChanged();
  }

  async unload(): Promise<void> {
    throw new Error('no plan unloads here');
  }

  async sleep(instance: string): Promise<void> {
    this.log.push(`${this.#clock.now()} unload ${instance}`);
    const card = this.#cards.find(({ id }) => id === instance);
    if (card) Object.assign(card, { instance: 'none', readyAt: null });
    this.#brain?.onDevices(this.host);
    this.#place();
  }

  instances(): readonly ServedInstance[] {
    const { name, memoryMb, slots } = this.#options.model;
    return this.#cards
      .filter(({ instance }) => instance !== 'none')
      .map(({ id, instance, busySlots, readyAt }) => ({
        name: id,
        model: name,
        models: new Set([name]),
        devices: [id],
        memoryBytes: memoryMb * MIB,
        state: instance === 'ready' ? 'ready' : 'coming',
        slots,
        busySlots,
        readyAt,
        usedAt: null,
        isPinned: false,
      }));
  }

  loadable(): Loadable {
    const { memoryMb, slots, loadMs } = this.#options.model;
    return { memoryBytes: memoryMb * MIB, slots, loadMs, most: Number.POSITIVE_INFINITY, devices: null };
  }

  comesByRequest(): boolean {
    return false;
  }

  /** A card with a free slot, when there is one; else whoever comes first gets the next. */
  async #slot(): Promise<Card> {
    for (;;) {
      const free = this.#cards.find((card) => card.instance === 'ready' && card.busySlots < this.#options.model.slots);
      if (free) {
        free.busySlots += 1;
        return free;
      }
      await new Promise<void>((resolve) => this.#waiters.push(resolve));
    }
  }

  #modelBytes({ instance }: Card): number {
    return instance === 'none' ? 0 : this.#options.model.memoryMb * MIB;
  }

  #free(card: Card): number {
    return Math.max(0, Math.floor(this.#options.cardMb * MIB * 0.8) - card.taskBytes - this.#modelBytes(card));
  }

  #place(): void {
    for (const grant of this.#queue.slice()) {
      const card = this.#cards.find((one) => !this.#claimed.has(one.id) && this.#free(one) >= grant.memoryBytes);
      if (grant.taskClass === 'script' && !card) continue;
      this.#queue.splice(this.#queue.indexOf(grant), 1);
      this.#run(grant, grant.taskClass === 'script' ? (card ?? null) : null);
    }
  }

  #run(grant: Grant, card: Card | null): void {
    const startedAt = this.#clock.now();
    if (card) {
      card.taskBytes += grant.memoryBytes;
      card.scripts += 1;
    }
    const device = card?.id ?? 'cpu';
    this.#brain?.onStarted(this.host, { attempt: grant.attempt, device, pid: 1, startedAt });
    this.#clock.after(card ? this.#options.scriptMs(grant.attempt.task) : 100, () => {
      if (card) {
        card.taskBytes -= grant.memoryBytes;
        card.scripts -= 1;
      }
      this.#leaveFiles(grant);
      this.#end(grant, device, startedAt);
      this.#place();
    });
  }

  #leaveFiles({ attempt, cwd }: Grant): void {
    for (const [name, text] of Object.entries(this.#options.files?.(attempt.task) ?? {})) {
      mkdirSync(cwd, { recursive: true });
      writeFileSync(join(cwd, name), text);
    }
  }

  #end({ attempt }: Grant, device: string, startedAt: number): void {
    const outcome = {
      attempt,
      epoch: 1,
      result: 'exited' as const,
      exitCode: 0,
      signal: null,
      missing: [],
      device,
      startedAt,
      endedAt: this.#clock.now(),
      peakMemoryBytes: null,
      tail: '',
    };
    void this.#brain?.onOutcomes(this.host, [outcome]);
  }
}

/** What becomes of a request that is sent while scripts hold the cards. */
const NOT_WOKEN: GenerateResult = { kind: 'failed', class: 'infrastructure', message: 'the model does not fit' };

function isIdle({ scripts, instance, busySlots }: Card): boolean {
  return scripts === 0 && instance !== 'loading' && busySlots === 0;
}
