/** A brain over a real store with agents and models in memory. It can be killed and started again over the same store. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createBrain, readPlan } from '../../src/brain/index.ts';
import type { Brain, BrainRules, EscalationHooks } from '../../src/brain/index.ts';
import type { Fact, FactType, SubmitRequest } from '../../src/contract/index.ts';
import { isFact } from '../../src/contract/index.ts';
import { silentLog, systemClock } from '../../src/kernel/index.ts';
import type { Clock, TestClock } from '../../src/kernel/index.ts';
import { openStore } from '../../src/store/index.ts';
import type { Store } from '../../src/store/index.ts';
import { cpuDevice, FakeAgent, FakeAgents } from './fake-agents.ts';
import { FakeInference } from './fake-inference.ts';
import { FakeModels } from './fake-models.ts';
import { within } from './patience.ts';
import { ScriptedBrainModel } from './scripted-brain-model.ts';
import { planOf, writePlan } from './plans.ts';
import type { TaskLines } from './plans.ts';

/** Nobody hears of escalations. */
export const NO_HOOKS: EscalationHooks = {
  escalationWebhook: null,
  escalationCommand: null,
  escalationModelUrl: null,
  escalationModel: null,
  escalationModelKey: null,
  escalationModelAnswers: false,
  offline: false,
};

export interface BrainHouseOptions {
  readonly url?: string;
  readonly clock?: Clock;
  readonly cores?: number;
  readonly store?: Store;
}

export class BrainHouse implements AsyncDisposable {
  readonly home: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly agents = new FakeAgents();
  readonly inference = new FakeInference();
  readonly models = new FakeModels();
  /** How large the models of the catalogue are, as far as that is known. */
  modelParameters: Readonly<Record<string, number>> = {};
  readonly agent: FakeAgent;
  rules: BrainRules = { stuckAfterMs: 1_200_000, stuckStepMs: 120_000, repair: 'suggest' };
  readonly brainModel = new ScriptedBrainModel();
  hooks: EscalationHooks = NO_HOOKS;
  readonly facts: Fact[] = [];
  /** Newest runs of a plan that are kept whole; 0: all. */
  keepRuns = 0;
  brain: Brain;
  readonly #ownsStore: boolean;

  static async open(options: BrainHouseOptions = {}): Promise<BrainHouse> {
    const home = mkdtempSync(join(tmpdir(), 'brain-'));
    const clock = options.clock ?? systemClock;
    const url = options.url ?? `sqlite:${join(home, 'store.db')}`;
    const store = options.store ?? (await openStore({ url, log: silentLog, clock }));
    const house = new BrainHouse(home, store, clock, options);
    await house.brain.start();
    await house.agent.connect(house.brain);
    return house;
  }

  private constructor(home: string, store: Store, clock: Clock, options: BrainHouseOptions) {
    this.home = home;
    this.store = store;
    this.clock = clock;
    this.#ownsStore = options.store === undefined;
    this.agent = this.agents.add(new FakeAgent('here', [cpuDevice(options.cores ?? 2)], () => clock.now()));
    this.brain = this.#newBrain();
    store.facts.subscribe((fact) => void this.facts.push(fact));
  }

  #newBrain(): Brain {
    return createBrain({
      store: this.store,
      agents: this.agents,
      inference: this.inference,
      training: { keep: async () => null, score: async () => {} },
      catalogue: {
        modelNames: async () => ['demo', ...Object.keys(this.modelParameters)],
        modelParameters: () => this.modelParameters,
      },
      models: this.models,
      clock: this.clock,
      random: () => 0.5,
      rules: () => this.rules,
      allowAlways: () => {},
      readPlan,
      brainModel: this.brainModel,
      hooks: () => this.hooks,
      log: silentLog,
      keepRuns: () => this.keepRuns,
      environment: { PATH: '/usr/bin:/bin' },
    });
  }

  plan(tasks: readonly TaskLines[], files: Readonly<Record<string, string>> = {}): string {
    return writePlan(this.home, planOf('test', tasks), files);
  }

  request(folder: string, more: Partial<SubmitRequest> = {}): SubmitRequest {
    return { folder, config: {}, priority: 'normal', env: { PATH: '/usr/bin:/bin' }, ...more };
  }

  /** Submits what must be accepted; answers the batch id. */
  async submit(folder: string, more: Partial<SubmitRequest> = {}): Promise<string> {
    const result = await this.brain.submit(this.request(folder, more));
    if (result.kind === 'invalid') throw new Error(JSON.stringify(result.diagnostics, null, 2));
    return result.view.batch_id;
  }

  /** Resolves with the status of the batch once it has ended. */
  async ended(batchId: string): Promise<string> {
    const fact = await this.fact('batch.ended', (found) => found.subject === `batch:${batchId}`);
    return fact.data.status;
  }

  /** Resolves with the first fact of that type that fits, past ones included. */
  fact<T extends FactType>(type: T, fits: (fact: Fact<T>) => boolean = () => true): Promise<Fact<T>> {
    const coming = new Promise<Fact<T>>((resolve) => {
      const listening = { current: null as Disposable | null };
      const look = (fact: Fact): void => {
        if (!isFact(fact, type) || !fits(fact)) return;
        listening.current?.[Symbol.dispose]();
        resolve(fact);
      };
      const past = this.facts.find((fact) => isFact(fact, type) && fits(fact));
      if (past) look(past);
      else listening.current = this.store.facts.subscribe(look);
    });
    return within(coming, () => this.facts.slice(-20));
  }

  /** Lets time pass until the batch has ended: for those with backoffs, on a `TestClock`. */
  async endedInTime(batchId: string, clock: TestClock): Promise<string> {
    let status: string | null = null;
    const ended = this.ended(batchId).then((found) => (status = found));
    while (status === null) await clock.advance(1_000);
    return ended;
  }

  /** The controller dies without a word and a new one takes over; agents lose their link. */
  async restart(): Promise<void> {
    this.agent.cut();
    const old = this.brain;
    this.brain = this.#newBrain();
    await old.stop();
    await this.brain.start();
  }

  /** Stops the brain, which waits for what it does outside, and starts another. */
  async settleErrands(): Promise<void> {
    await this.restart();
    await this.agent.connect(this.brain);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.brain.stop();
    if (this.#ownsStore) await this.store.close();
    rmSync(this.home, { recursive: true, force: true });
  }
}

/** Resolves when `holds` does, looked at after every turn of the event loop; for facts in memory of the test's own fakes. */
export async function until(holds: () => boolean): Promise<void> {
  let isOver = false;
  const turns = async (): Promise<void> => {
    while (!isOver && !holds()) await new Promise((resolve) => setImmediate(resolve));
  };
  await within(turns(), () => holds.toString()).finally(() => (isOver = true));
}
