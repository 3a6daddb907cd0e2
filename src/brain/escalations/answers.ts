/** What an answer to an escalation does, by the kind of the question: the one table. In the turn that takes the answer. */

import { subject } from '../../contract/index.ts';
import type { AppError } from '../../contract/index.ts';
import { assertNever } from '../../kernel/index.ts';
import { closeEscalation, decodeJson, findEscalation, retireIncident } from '../../store/index.ts';
import type { EscalationRecord } from '../../store/index.ts';
import { applyCourse } from '../course/apply-course.ts';
import { onRepairAnswer } from '../incidents/proposal.ts';
import { abandon, unpark } from '../failure/parking.ts';
import type { Turn } from '../turn/turn.ts';
import { endUnreadable } from '../turn/unreadable.ts';
import { allowCommands, settledWith } from './permissions.ts';

export interface Answer {
  readonly answer: string;
  /** Who answers, in a word. */
  readonly by: string;
}

export type AnswerResult =
  | { readonly kind: 'taken' }
  | { readonly kind: 'unknown' }
  /** It was answered before, or its cause is gone. */
  | { readonly kind: 'closed'; readonly status: EscalationRecord['status'] }
  | { readonly kind: 'no-choice'; readonly choices: readonly string[] }
  /** What it asks for cannot be done now; the question stays open. */
  | { readonly kind: 'refused'; readonly error: AppError };

export async function applyAnswer(turn: Turn, id: number, given: Answer): Promise<AnswerResult> {
  const escalation = await findEscalation(turn.tx.db, id);
  if (!escalation) return { kind: 'unknown' };
  if (escalation.status !== 'open') return { kind: 'closed', status: escalation.status };
  const choices = decodeJson<readonly string[]>(escalation.choices);
  if (!choices.includes(given.answer)) return { kind: 'no-choice', choices };
  const error = await act(turn, escalation, given);
  if (error) return { kind: 'refused', error };
  await close(turn, id, given);
  return { kind: 'taken' };
}

async function close(turn: Turn, id: number, given: Answer): Promise<void> {
  await closeEscalation(turn.tx, id, given);
  turn.tx.record({ type: 'escalation.answered', subject: subject.escalation(id), data: { ...given } });
}

/** The task runs again, and all that depends on it. */
function again(turn: Turn, { batch_id: batchId, task }: EscalationRecord): Promise<AppError | null> {
  const choice = { kind: 'from', task: task ?? '' } as const;
  return applyCourse(turn, { kind: 'retry', batchId: batchId ?? '', choice });
}

/** The task that asked goes on, and so do others whose questions the answer settles. */
async function allow(turn: Turn, escalation: EscalationRecord, given: Answer): Promise<void> {
  allowCommands(turn, escalation, given.answer);
  const settled = await settledWith(turn, escalation, given.answer);
  for (const { id } of settled) await close(turn, id, given);
  for (const { id } of [escalation, ...settled]) await unpark(turn, `escalation:${id}`, 'its command was allowed');
}

function detailOf({ detail }: EscalationRecord): Readonly<Record<string, unknown>> {
  return decodeJson<Record<string, unknown>>(detail);
}

async function act(turn: Turn, escalation: EscalationRecord, given: Answer): Promise<AppError | null> {
  const { answer } = given;
  const cause = `escalation:${escalation.id}` as const;
  switch (escalation.kind) {
    case 'permission':
      if (answer.startsWith('allow')) await allow(turn, escalation, given);
      else await abandon(turn, cause, { class: 'permission', reason: 'its command was forbidden by a person' });
      return null;
    case 'repair':
      await onRepairAnswer(turn, Number(detailOf(escalation)['incident']), answer);
      return null;
    case 'definition':
      if (answer === 'retry') await retireIncident(turn.tx, Number(detailOf(escalation)['incident']));
      return answer === 'retry' ? again(turn, escalation) : null;
    case 'failing_task':
      return answer === 'retry' ? again(turn, escalation) : null;
    case 'plan':
      if (answer === 'kill') await endUnreadable(turn, escalation.batch_id ?? '');
      return null;
    case 'agents':
    case 'stuck':
    case 'device':
      return null;
    default:
      return assertNever(escalation.kind);
  }
}
