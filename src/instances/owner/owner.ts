/**
 * The owner of one instance: a mailbox before the pure machine, and the switch that hands its effects to those who
 * carry them out. Nobody else starts, ends or judges the engine. Decides nothing itself.
 */

import { AppError } from '../../contract/index.ts';
import type { InstanceReport, InstanceSpec, ProbeRecord } from '../../contract/index.ts';
import type { Devices } from '../../devices/index.ts';
import type { EngineCommand } from '../../engines/index.ts';
import { assertNever, createMailbox, createScope } from '../../kernel/index.ts';
import type { Clock, Log, Random } from '../../kernel/index.ts';
import { createEngineProcess } from './engine-process.ts';
import { launchId, ownerOf } from '../launch/launch.ts';
import type { Prepared } from '../launch/launch.ts';
import type { Launcher } from '../launch/launcher.ts';
import { noteHeld, seeMemoryReturn } from './memory-return.ts';
import type { Held } from './memory-return.ts';
import type { Ports } from '../launch/ports.ts';
import type { Prober } from './prober.ts';
import { createQuestions } from './questions.ts';
import { toRecord } from './record.ts';
import type { Records } from './record.ts';
import { toReport } from './report.ts';
import type { Answer, Effect, Found, InstanceEvent, LaunchPlan, Machine, RunningProcess } from '../machine/state.ts';
import { step } from '../machine/step.ts';
import type { InstanceChange } from './instance-change.ts';
import { createWaitingRoom } from './waiting-room.ts';

export interface OwnerDeps {
  readonly launcher: Launcher;
  readonly prober: Prober;
  readonly devices: Pick<Devices, 'ledger' | 'readings' | 'refresh'>;
  readonly ports: Ports;
  readonly records: Records;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly home: string;
  prepare(machine: Machine): Promise<Prepared>;
  stopCommand(spec: InstanceSpec, process: RunningProcess): EngineCommand | null;
  onChange(change: InstanceChange): void;
  onProbe(probe: ProbeRecord): void;
}

export interface Owner {
  /** Null once it is forgotten and gone. */
  report(): InstanceReport | null;
  /** True while it is meant to run, and on the CPU. */
  isOnCpu(): boolean;
  /** What it shall run as; what runs may still be another one. */
  spec(): InstanceSpec;
  post(event: Extract<InstanceEvent, { kind: 'declared' | 'forgotten' | 'used' | 'sleep-asked' | 'online' }>): void;
  ask(question: Question, signal?: AbortSignal): Promise<Answer>;
  /** What an earlier life left; a running process is watched from here on. Resolves when it is taken in. */
  takeOver(found: Found): Promise<void>;
  /** Lets go; whoever still waits is refused. */
  close(): Promise<void>;
}

type Question =
  | { readonly kind: 'ready-asked'; readonly by: 'operator' | 'request' }
  | { readonly kind: 'stop-asked'; readonly force: boolean }
  | { readonly kind: 'restart-asked'; readonly force: boolean };

export function createOwner(machine: Machine, deps: OwnerDeps): Owner {
  return new InstanceOwner(machine, deps);
}

class InstanceOwner implements Owner {
  #machine: Machine;
  readonly #deps: OwnerDeps;
  readonly #log: Log;
  readonly #scope;
  readonly #mailbox;
  readonly #waiting = createWaitingRoom();
  readonly #questions;
  readonly #process;
  /** The launch under way, written down before its process is known. */
  #planned: LaunchPlan | null = null;
  /** What the engine held when its end began. */
  #held: readonly Held[] = [];
  #timer: Disposable | null = null;

  constructor(machine: Machine, deps: OwnerDeps) {
    this.#machine = machine;
    this.#deps = deps;
    this.#log = deps.log.child({ instance: machine.spec.name });
    const onError = (error: unknown): void => this.#log.error({ error: String(error) }, 'instance owner failed');
    this.#scope = createScope(onError);
    this.#mailbox = createMailbox<{ event: InstanceEvent; adopted: boolean }>(
      ({ event, adopted }) => this.#handle(event, adopted),
      onError,
    );
    const common = { ...deps, scope: this.#scope, post: (event: InstanceEvent) => this.post(event) };
    this.#questions = createQuestions(common);
    this.#process = createEngineProcess({
      ...common,
      name: this.#name,
      log: this.#log,
      prepare: () => deps.prepare(this.#machine),
      isWanted: () => this.#machine.state.kind === 'starting',
      isLoading: () => this.#machine.state.kind === 'loading',
      notePlanned: (plan) => this.#notePlanned(plan),
      stopCommand: (process) => deps.stopCommand(this.#machine.spec, process),
      onGone: () => this.#questions.stop(),
    });
  }

  get #name(): string {
    return this.#machine.spec.name;
  }

  report(): InstanceReport | null {
    return this.#isGone() ? null : toReport(this.#machine);
  }

  spec(): InstanceSpec {
    return this.#machine.spec;
  }

  isOnCpu(): boolean {
    const { desired, spec } = this.#machine;
    return desired === 'running' && spec.gpu.backend === 'cpu' && spec.engine.kind !== 'remote';
  }

  post(event: InstanceEvent): void {
    this.#mailbox.post({ event, adopted: false });
  }

  ask(question: Question, signal?: AbortSignal): Promise<Answer> {
    return this.#waiting.enter(
      (waiter) => this.post({ ...question, waiter }),
      (waiter) => this.post({ kind: 'waiter-left', waiter }),
      signal,
    );
  }

  async takeOver(found: Found): Promise<void> {
    if (found.kind === 'running') this.#hold(found.process);
    this.#mailbox.post({ event: { kind: 'found', found }, adopted: found.kind === 'running' });
    if (found.kind === 'running') this.#process.watch(found.process);
    await this.#mailbox.idle();
  }

  async close(): Promise<void> {
    this.#timer?.[Symbol.dispose]();
    this.#questions.stop();
    await this.#scope.close();
    this.#mailbox.close();
    this.#waiting.close(goingDown());
  }

  #isGone(): boolean {
    return this.#machine.forgotten && this.#machine.state.kind === 'stopped';
  }

  #hold({ shares, port }: RunningProcess): void {
    this.#deps.devices.ledger.enter({ owner: ownerOf(this.#name), kind: 'instance', shares });
    if (port !== null) this.#deps.ports.hold(ownerOf(this.#name), port);
  }

  #handle(event: InstanceEvent, adopted: boolean): void {
    const { clock, random } = this.#deps;
    const before = this.#machine.state.kind;
    const { machine, effects } = step(this.#machine, event, { now: clock.now(), random: random() });
    this.#machine = machine;
    if (machine.state.kind !== before) {
      const { generation, restarts, state } = machine;
      this.#log.info({ from: before, to: state.kind, generation, restarts }, 'instance changed');
    }
    for (const effect of effects) this.#perform(effect, adopted);
  }

  #perform(effect: Effect, adopted: boolean): void {
    const { spec, state } = this.#machine;
    switch (effect.kind) {
      case 'launch':
        return this.#process.launch(effect.launch);
      case 'probe':
        return this.#questions.askHealth({ ...effect, spec, first: state.kind === 'loading' });
      case 'ask-first':
        return this.#questions.askFirst({ ...effect, spec });
      case 'see-slots':
        return this.#questions.askSlots({ ...effect, spec });
      case 'send-canary':
        return this.#questions.sendCanary({ ...effect, spec, afterMs: 0 });
      case 'wake':
        return this.#wake(effect.generation, effect.afterMs);
      case 'ask-to-end':
        this.#held = noteHeld(this.#name, this.#deps);
        return this.#process.askToEnd(effect.process, spec);
      case 'terminate':
        this.#held = noteHeld(this.#name, this.#deps);
        return this.#process.terminate(effect.process);
      case 'kill':
        return this.#process.kill(effect.process);
      case 'release':
        return this.#release();
      case 'answer':
        return this.#waiting.answer(effect.waiter, effect.answer);
      case 'report':
        return this.#tell(adopted);
      default:
        return assertNever(effect);
    }
  }

  #release(): void {
    this.#deps.devices.ledger.release(ownerOf(this.#name));
    this.#deps.ports.release(ownerOf(this.#name));
    const held = this.#held;
    this.#held = [];
    const deps = { ...this.#deps, log: this.#log, scope: this.#scope };
    if (held.length > 0) this.#scope.run(() => seeMemoryReturn(this.#name, held, deps));
  }

  /** First the record, then the word: what others know is never ahead of what we would remember. */
  #tell(adopted: boolean): void {
    if (this.#isGone()) {
      this.#deps.records.remove(this.#name);
      this.#deps.launcher.forget(launchId(this.#name, this.#machine.launch));
      this.#deps.onChange({ kind: 'gone', name: this.#name });
      return;
    }
    this.#tryRecord();
    this.#deps.onChange({ kind: 'report', report: toReport(this.#machine), adopted });
  }

  #notePlanned(plan: LaunchPlan): void {
    this.#planned = plan;
    this.#record();
  }

  #record(): void {
    this.#deps.records.write(toRecord(this.#machine, this.#planned));
  }

  /** A full disk must not keep it from what it does for its engine; the next change is written whole. */
  #tryRecord(): void {
    try {
      this.#record();
    } catch (error) {
      this.#log.error({ err: error }, 'instance not written down');
    }
  }

  #wake(generation: number, afterMs: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = this.#deps.clock.after(afterMs, () => this.post({ kind: 'timer', generation }));
  }
}

function goingDown(): AppError {
  return new AppError('AGENT_UNAVAILABLE', 'the agent is going down', { hint: 'the instance itself is left as it is' });
}
