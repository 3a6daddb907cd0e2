/**
 * What the brain does outside after a turn has committed: grants and signals to agents, model calls, slots, lists,
 * summaries. How each ends is posted back; nothing is decided here.
 */

import { attemptKey } from '../../contract/index.ts';
import type { Grant } from '../../contract/index.ts';
import { addToGroup, assertNever } from '../../kernel/index.ts';
import type { Clock, Log, Scope } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import type { Known } from '../known.ts';
import type { ResultCache } from '../cache/result-cache.ts';
import { askForPatch } from '../incidents/question.ts';
import type { RepairQuestion } from '../incidents/question.ts';
import type { AgentPort, InferencePort, ModelsPort } from '../ports.ts';
import { readList } from '../templates/read-list.ts';
import type { TrainingLog } from '../training/training-log.ts';
import type { Effect } from '../turn/turn.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import { createOwnAttempts } from './own-attempts.ts';
import { createTaskSlots } from './task-slots.ts';

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
  const { agents, brainModel, clock, log, scope, loop, cache } = deps;
  const slots = createTaskSlots({ ...deps, signal: scope.signal });
  const attempts = createOwnAttempts({ ...deps, signal: scope.signal });

  function perform(effects: readonly Effect[]): void {
    const grants = new Map<string, Grant[]>();
    for (const effect of effects) {
      if (effect.kind !== 'grant') performOne(effect);
      else addToGroup(grants, effect.host, effect.grant);
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
        return scope.run(() => attempts.ask(effect.known, effect.rendered));
      case 'place':
        return scope.run(() => attempts.place(effect.known, effect.rendered));
      case 'acquire':
        return scope.run(() => slots.acquire(effect.id, effect.model));
      case 'cancel-acquire':
        return slots.stopWaiting(effect.id);
      case 'keep-slot':
        return slots.keep(effect.key, effect.slot);
      case 'restore-slot':
        return slots.restore(effect.key, effect.slot);
      case 'drop-slot':
        return effect.slot.release();
      case 'judge':
        return scope.run(() => attempts.judge(effect.known, effect.work));
      case 'check-results':
        return scope.run(() => check(effect.tasks));
      case 'keep-result':
        return scope.run(() => cache.keep(effect.known));
      case 'read-list':
        return scope.run(() => expand(effect.known));
      case 'abort':
        return attempts.abort(effect.key);
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

  function letGo(attempt: string): void {
    slots.release(attempt);
    attempts.forget(attempt);
  }

  return perform;
}
