/**
 * Commands that a policy wants a person to judge: the task is parked with the question, and what the answer allows is
 * kept for as far as it was meant.
 */

import type { Outcome } from '../../contract/index.ts';
import { decodeJson, listEscalations, noteApprovals } from '../../store/index.ts';
import type { AttemptEnd, EscalationRecord } from '../../store/index.ts';
import { park } from '../failure/parking.ts';
import type { Known } from '../known.ts';
import { expect } from '../turn/turn.ts';
import type { Turn } from '../turn/turn.ts';
import { openEscalation } from './escalate.ts';

/** How far an answer reaches; the first is what stays when nobody answers. */
const PERMISSION_CHOICES = ['deny', 'allow once', 'allow in this batch', 'allow always'] as const;

type Role = 'worker' | 'brain';

/** An attempt was blocked, and nothing of it has run: it is not counted. */
export async function askPermission(
  turn: Turn,
  known: Known,
  { asks = [] }: Pick<Outcome, 'asks'>,
  end: Omit<AttemptEnd, 'result'>,
): Promise<void> {
  const id = await openEscalation(turn.tx, {
    kind: 'permission',
    about: asks.join('; '),
    batchId: known.batch.id,
    task: known.name,
    question: `may task ${known.name} run: ${asks.join('; ')}`,
    choices: PERMISSION_CHOICES,
    detail: { commands: asks, executor: known.node.executor },
  });
  const because = `escalation ${id}: a person must allow its command`;
  park(turn, known, `escalation:${id}`, because, { ...end, result: 'returned', reason: because });
}

interface Asked {
  readonly commands: readonly string[];
  readonly executor: Role;
}

const askedIn = ({ detail }: EscalationRecord): Asked => decodeJson<Asked>(detail);

/** Other open questions that the answer settles too: they ask for nothing that it does not allow. */
export async function settledWith(
  turn: Turn,
  escalation: EscalationRecord,
  answer: string,
): Promise<readonly EscalationRecord[]> {
  if (answer !== 'allow in this batch' && answer !== 'allow always') return [];
  const allowed = askedIn(escalation);
  const isAllowed = (other: EscalationRecord): boolean => {
    const { commands, executor } = askedIn(other);
    return executor === allowed.executor && commands.every((command) => allowed.commands.includes(command));
  };
  const open = await listEscalations(turn.tx.db, { openOnly: true });
  return open
    .filter(({ id, kind }) => kind === 'permission' && id !== escalation.id)
    .filter(({ batch_id: batchId }) => answer === 'allow always' || batchId === escalation.batch_id)
    .filter(isAllowed);
}

/** What a person allowed, beyond the task that asked. */
export function allowCommands(turn: Turn, escalation: EscalationRecord, answer: string): void {
  const { commands, executor } = askedIn(escalation);
  const batch = turn.book.batches.get(escalation.batch_id ?? '');
  if (batch === undefined) return;
  const task = answer === 'allow once' ? (escalation.task ?? '') : '';
  const approvals = commands.map((command) => ({ batch_id: batch.id, task, command }));
  batch.approvals.push(...approvals);
  expect(turn, noteApprovals(turn.tx, approvals));
  if (answer === 'allow always') turn.deps.allowAlways(executor, commands);
}
