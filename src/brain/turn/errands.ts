/**
 * What the brain does outside after a turn has committed: grants and signals to agents, model calls, slots, lists,
 * summaries. How each ends is posted back; nothing is decided here.
 */

import { attemptKey } from '../../contract/index.ts';
import type { Grant } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Clock, Log, Scope } from '../../kernel/index.ts';
import type { SlotLease } from '../../gateway/index.ts';
import { attemptDir } from '../active-batch.ts';
import type { Known } from '../book.ts';
import type { DoneWork } from '../evaluation/evaluation.ts';
import { judgeAttempt } from '../evaluation/judge-attempt.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { runAskingTask } from '../asking/asking-task.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import { askForPatch } from '../incidents/question.ts';
import type { RepairQuestion } from '../incidents/question.ts';
import type { AgentPort, InferencePort, ModelsPort } from '../ports.ts';
import { placeModel } from './place-model.ts';
import { readList } from '../templates/read-list.ts';
import type { Store } from '../../store/index.ts';
import { keyOf } from './turn.ts';
import type { Effect } from './turn.ts';
import type { TrainingLog } from '../training/training-log.ts';
import type { TurnLoop } from './turn-loop.ts';

/** Before a task that could not have a slot asks again. */
const SLOT_RETRY_MS = 1_000;
/** Verdicts that go into one turn. */
const CHECKED_TOGETHER = 1_000;

interface ErrandDeps {
  readonly agents: AgentPort;
  readonly inference: InferencePort;
  readonly models: ModelsPort;
  readonly brainModel: BrainModel;
  readonly training: Pick<TrainingLog, 'keep' | 'score'>;
  readonly store: Pick<Store, 'write'>;
  readonly clock: Clock;
  readonly log: Log;
  readonly scope: Scope;
  readonly cache: ResultCache;
  /** Where the ends of errands are posted; called only once turns run. */
  readonly loop: () => TurnLoop;
  readonly onBatchEnded: (batchId: string) => void;
  readonly onRan: (model: string, ms: number) => void;
}

/** Answers the function that performs the effects of one turn. */
export function createErrands(deps: ErrandDeps): (effects: readonly Effect[]) => void {
  const { agents, inference, models, brainModel, clock, log, scope, loop, cache } = deps;
  const slots = new Map<string, Pick<SlotLease, 'release'>>();
  const calls = new Map<string, AbortController>();

  function perform(effects: readonly Effect[]): void {
    const grants = new Map<string, Grant[]>();
    for (const effect of effects) {
      if (effect.kind !== 'grant') performOne(effect);
      else if (!grants.get(effect.host)?.push(effect.grant)) grants.set(effect.host, [effect.grant]);
    }
    for (const [host, given] of grants) {
      // A hello that has come meanwhile knows nothing of these: its turn takes them back.
      if (!loop().book.hosts.get(host)?.settled) continue;
      log.debug({ host, attempts: given.map(({ attempt }) => attemptKey(attempt)) }, 'attempts granted');
      agents.grant(host, given);
    }
  }

  function performOne(effect: Exclude<Effect, { kind: 'grant' }>): void {
    log.debug({ effect: effect.kind }, 'effect of a turn');
    switch (effect.kind) {
      case 'signal':
        return agents.signal(effect.host, effect.attempt, effect.signal ?? 'abort');
      case 'quarantine':
        return scope.run(() => agents.quarantine(effect.host, effect.device, effect.reason));
      case 'ask':
        return scope.run(() => ask(effect.known, effect.rendered));
      case 'place':
        return scope.run(() => place(effect.known, effect.rendered));
      case 'acquire':
        return scope.run(() => acquire(effect.id, effect.model));
      case 'cancel-acquire':
        return loop().book.acquiring.get(effect.id)?.abort.abort();
      case 'keep-slot':
        return void slots.set(effect.key, effect.slot);
      case 'restore-slot':
        return void slots.set(effect.key, inference.restoreSlot(effect.slot));
      case 'drop-slot':
        return effect.slot.release();
      case 'judge':
        return scope.run(() => judge(effect.known, effect.work));
      case 'check-results':
        return scope.run(() => check(effect.tasks));
      case 'keep-result':
        return scope.run(() => cache.keep(effect.known));
      case 'read-list':
        return scope.run(() => expand(effect.known));
      case 'abort':
        return calls.get(effect.key)?.abort();
      case 'ran':
        return deps.onRan(effect.model, effect.ms);
      case 'closed':
        return letGo(effect.key);
      case 'propose':
        return scope.run(() => propose(effect.incident, effect.question));
      case 'batch-ended':
        return deps.onBatchEnded(effect.batchId);
      case 'answer':
        return effect.tell();
      case 'host-settled':
        effect.host.settled = true;
        return loop().post({ kind: 'look' });
      default:
        return assertNever(effect);
    }
  }

  async function ask(known: Known, task: Extract<Effect, { kind: 'ask' }>['rendered']): Promise<void> {
    const { id, batch, name } = known;
    const no = known.task.attempt;
    const abort = new AbortController();
    calls.set(keyOf(known), abort);
    const signal = AbortSignal.any([abort.signal, scope.signal]);
    const { executor, timeoutMs } = known.node;
    const sample = { kind: task.type, about: keyOf(known), model: task.model };
    const end = await runAskingTask(
      {
        task,
        byBrain: executor === 'brain',
        batchPath: batch.builtins.batchPath,
        dir: attemptDir(batch, name, no),
        timeoutMs,
        signal,
      },
      { inference, clock, onRound: async (round) => void (await deps.training.keep({ ...sample, round })) },
    );
    // What we were stopped in the middle of is taken up by our next life.
    if (!scope.signal.aborted) loop().post({ kind: 'called', id, no, end });
  }

  async function judge(known: Known, work: DoneWork): Promise<void> {
    const { id } = known;
    const no = known.task.attempt;
    const key = keyOf(known);
    const abort = new AbortController();
    calls.set(key, abort);
    const judgement = await judgeAttempt(known, brainModel, AbortSignal.any([abort.signal, scope.signal]));
    if (scope.signal.aborted) return;
    if (judgement.kind === 'scored') await deps.training.score(key, judgement.score, judgement.reason);
    loop().post({ kind: 'judged', id, no, work, judgement });
  }

  async function place(known: Known, task: Extract<Effect, { kind: 'place' }>['rendered']): Promise<void> {
    const no = known.task.attempt;
    const end = await placeModel(task, { models, clock });
    if (!scope.signal.aborted) loop().post({ kind: 'called', id: known.id, no, end });
  }

  async function acquire(id: number, model: string): Promise<void> {
    const abort = new AbortController();
    loop().book.acquiring.set(id, { model, abort });
    const signal = AbortSignal.any([abort.signal, scope.signal]);
    try {
      const slot = await inference.acquireSlot({ model, class: 'batch', signal });
      await loop()
        .ask<void>((reply) => ({ kind: 'slot', id, slot, reply }))
        .catch((error: unknown) => {
          slot.release();
          throw error;
        });
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, model }, 'no slot for a task');
      await clock.sleep(SLOT_RETRY_MS, signal).catch(() => {});
      loop().post({ kind: 'no-slot', id });
    }
  }

  async function check(tasks: readonly Known[]): Promise<void> {
    for (let from = 0; from < tasks.length; from += CHECKED_TOGETHER) {
      const verdicts = await cache.check(tasks.slice(from, from + CHECKED_TOGETHER));
      loop().post({ kind: 'checked', verdicts });
    }
  }

  async function expand(known: Known): Promise<void> {
    const no = known.task.attempt;
    const list = await readList(known, deps.store);
    if (list) loop().post({ kind: 'list', id: known.id, no, list });
  }

  async function propose(incident: number, question: RepairQuestion): Promise<void> {
    const proposal = await askForPatch(question, { model: brainModel, clock, signal: scope.signal });
    if (!scope.signal.aborted) loop().post({ kind: 'proposed', incident, proposal });
  }

  function letGo(key: string): void {
    slots.get(key)?.release();
    slots.delete(key);
    calls.delete(key);
  }

  return perform;
}
