/**
 * Attempts that the controller makes itself, without an agent: a model is asked, judged by the brain, loaded or unloaded.
 * What one of them was stopped in the middle of by our end is not told: our next life takes it up.
 */

import type { Clock } from '../../kernel/index.ts';
import type { RenderedAskingTask, RenderedMetaTask } from '../../plans/index.ts';
import { attemptDir } from '../active-batch.ts';
import { runAskingTask } from '../asking/asking-task.ts';
import type { BrainModel } from '../asking/brain-model.ts';
import type { Known } from '../known.ts';
import type { DoneWork } from '../evaluation/done-work.ts';
import { judgeAttempt } from '../evaluation/judge-attempt.ts';
import type { InferencePort, ModelsPort } from '../ports.ts';
import type { TrainingLog } from '../training/training-log.ts';
import { keyOf } from '../turn/turn.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import { placeModel } from './place-model.ts';

interface OwnAttemptDeps {
  readonly inference: InferencePort;
  readonly models: ModelsPort;
  readonly brainModel: BrainModel;
  readonly training: Pick<TrainingLog, 'keep' | 'score'>;
  readonly clock: Clock;
  /** Our own end. */
  readonly signal: AbortSignal;
  readonly loop: () => Pick<TurnLoop, 'post'>;
}

interface OwnAttempts {
  ask(known: Known, task: RenderedAskingTask): Promise<void>;
  judge(known: Known, work: DoneWork): Promise<void>;
  place(known: Known, task: RenderedMetaTask): Promise<void>;
  /** Ends the call of an attempt, if one is under way. */
  abort(attempt: string): void;
  /** The attempt is over. */
  forget(attempt: string): void;
}

export function createOwnAttempts(deps: OwnAttemptDeps): OwnAttempts {
  const { inference, models, brainModel, training, clock, signal: ended, loop } = deps;
  const calls = new Map<string, AbortController>();

  function begin(attempt: string): AbortSignal {
    const abort = new AbortController();
    calls.set(attempt, abort);
    return AbortSignal.any([abort.signal, ended]);
  }

  return {
    async ask(known, task) {
      const { id, batch, name } = known;
      const no = known.task.attempt;
      const about = keyOf(known);
      const attempt = {
        task,
        byBrain: known.node.executor === 'brain',
        batchPath: batch.builtins.batchPath,
        dir: attemptDir(batch, name, no),
        timeoutMs: known.node.timeoutMs,
        signal: begin(about),
      };
      const end = await runAskingTask(attempt, {
        inference,
        clock,
        onRound: async (round) => void (await training.keep({ kind: task.type, about, model: task.model, round })),
      });
      if (!ended.aborted) loop().post({ kind: 'called', id, no, end });
    },
    async judge(known, work) {
      const { id } = known;
      const no = known.task.attempt;
      const attempt = keyOf(known);
      const judgement = await judgeAttempt(known, brainModel, begin(attempt));
      if (ended.aborted) return;
      if (judgement.kind === 'scored') await training.score(attempt, judgement.score, judgement.reason);
      loop().post({ kind: 'judged', id, no, work, judgement });
    },
    async place(known, task) {
      const no = known.task.attempt;
      const end = await placeModel(task, { models, clock });
      if (!ended.aborted) loop().post({ kind: 'called', id: known.id, no, end });
    },
    abort: (attempt) => calls.get(attempt)?.abort(),
    forget: (attempt) => void calls.delete(attempt),
  };
}
