/**
 * Opens and withdraws questions to those above the brain, in the turn that has the cause: stored first, delivered later.
 * What an answer does is in `answers.ts`, who is told in `delivery.ts`.
 */

import { subject } from '../../contract/index.ts';
import type { EscalationKind } from '../../contract/index.ts';
import {
  closeEscalation,
  encodeJson,
  findOpenEscalation,
  insertEscalation,
  withdrawEscalations,
} from '../../store/index.ts';
import type { Tx } from '../../store/index.ts';

interface EscalationRequest {
  readonly kind: EscalationKind;
  /** What it is about, beyond its kind, batch and task: one is open of each. */
  readonly about?: string;
  readonly batchId: string | null;
  readonly task: string | null;
  /** One sentence for a person who knows nothing of it yet. */
  readonly question: string;
  /** What may be answered; the first is what happens by itself when nobody answers, where there is such a thing. */
  readonly choices: readonly string[];
  /** Plain data that helps to answer. Text of tasks in it is untrusted. */
  readonly detail: Readonly<Record<string, unknown>>;
}

/** The id; of the open one when the same was asked before. */
export async function openEscalation(tx: Tx, request: EscalationRequest): Promise<number> {
  const { kind, batchId, task, question, choices, detail } = request;
  const topic = topicOf(request);
  const id = await insertEscalation(tx, {
    kind,
    topic,
    batchId,
    task,
    question,
    choices: encodeJson(choices),
    detail: encodeJson(detail),
  });
  if (id === null) {
    const open = await findOpenEscalation(tx.db, topic);
    if (!open) throw new Error(`the open escalation about ${topic} is gone`);
    return open.id;
  }
  tx.record({
    type: 'escalation.opened',
    subject: subject.escalation(id),
    data: { kind, batch_id: batchId, task, question, choices },
  });
  return id;
}

type Topic = Pick<EscalationRequest, 'kind' | 'about' | 'batchId' | 'task'>;

function topicOf({ kind, about = '', batchId, task }: Topic): string {
  return [kind, batchId ?? '', task ?? '', about].join('|');
}

/** Takes back the question about this, if it is open: its cause is gone. */
export async function withdrawEscalation(tx: Tx, topic: Topic): Promise<void> {
  const open = await findOpenEscalation(tx.db, topicOf(topic));
  if (open && (await closeEscalation(tx, open.id, 'withdrawn'))) noteWithdrawn(tx, open.id);
}

/** Takes back every open question of a batch that has ended by somebody's will. */
export async function withdrawAll(tx: Tx, batchId: string): Promise<void> {
  for (const id of await withdrawEscalations(tx, batchId)) noteWithdrawn(tx, id);
}

function noteWithdrawn(tx: Tx, id: number): void {
  tx.record({ type: 'escalation.withdrawn', subject: subject.escalation(id), data: {} });
}
