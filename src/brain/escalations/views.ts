/** Escalations as callers see them, with what their hooks have heard. Reads only. */

import { AppError } from '../../contract/index.ts';
import type { EscalationView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { decodeJson, deliveriesOf, findEscalation, listEscalations } from '../../store/index.ts';
import type { Db, DeliveryRecord, EscalationRecord } from '../../store/index.ts';

/** Newest first. */
export async function viewEscalations(db: Db, filter: { readonly openOnly: boolean }): Promise<EscalationView[]> {
  const rows = await listEscalations(db, filter);
  const deliveries = await deliveriesOf(
    db,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => toView(row, deliveries));
}

/** Rejects with ESCALATION_NOT_FOUND. */
export async function viewEscalation(db: Db, id: number): Promise<EscalationView> {
  const row = await findEscalation(db, id);
  if (row) return toView(row, await deliveriesOf(db, [id]));
  throw new AppError('ESCALATION_NOT_FOUND', `there is no escalation ${id}`, {
    hint: 'run "drover escalations ls --all"',
    detail: { escalation: id },
  });
}

function toView(row: EscalationRecord, deliveries: readonly DeliveryRecord[]): EscalationView {
  return {
    id: row.id,
    kind: row.kind,
    status: row.status,
    batch_id: row.batch_id,
    task: row.task,
    question: row.question,
    choices: decodeJson<readonly string[]>(row.choices),
    detail: decodeJson<Record<string, unknown>>(row.detail),
    answer: row.answer,
    answered_by: row.answered_by,
    suggestion: row.suggestion,
    opened_at: isoTime(row.opened_at),
    closed_at: isoTime(row.closed_at),
    deliveries: deliveries.filter(({ escalation_id: of }) => of === row.id).map(toDelivery),
  };
}

function toDelivery({ hook, tries, delivered_at: deliveredAt, error }: DeliveryRecord) {
  return { hook, delivered_at: isoTime(deliveredAt), tries, error };
}
