/** Escalations as the brain's callers reach them: look, and answer. */

import { AppError } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import type { Store } from '../../store/index.ts';
import type { Brain } from '../brain-api.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import type { AnswerResult } from './answers.ts';
import { viewEscalation, viewEscalations } from './views.ts';

type EscalationFace = Pick<Brain, 'listEscalations' | 'showEscalation' | 'answerEscalation'>;

export function createEscalationFace({
  store,
  loop,
}: {
  readonly store: Store;
  readonly loop: TurnLoop;
}): EscalationFace {
  const show = (id: number) => store.read((db) => viewEscalation(db, id));
  return {
    listEscalations: (filter) => store.read((db) => viewEscalations(db, filter)),
    showEscalation: show,
    async answerEscalation(id, given) {
      // An unknown number is told as such before anything is posted.
      await show(id);
      refuse(id, await loop.ask<AnswerResult>((reply) => ({ kind: 'answer', id, given, reply })));
      return show(id);
    },
  };
}

/** Throws unless the answer was taken. */
function refuse(id: number, result: AnswerResult): void {
  switch (result.kind) {
    case 'taken':
    case 'unknown':
      return;
    case 'closed':
      throw new AppError('ESCALATION_CLOSED', `escalation ${id} is ${result.status} already`, {
        hint: `run "drover escalations show ${id}"`,
        detail: { escalation: id, status: result.status },
      });
    case 'refused':
      throw result.error;
    case 'no-choice':
      throw new AppError('INVALID_REQUEST', `escalation ${id} takes one of: ${result.choices.join(', ')}`, {
        hint: `run "drover escalations show ${id}"`,
        detail: { escalation: id, choices: result.choices },
      });
    default:
      return assertNever(result);
  }
}
