/** What the house is told of an incident: a fact about its step. */

import { subject } from '../../contract/index.ts';
import type { FactData, FactType } from '../../contract/index.ts';
import type { IncidentRecord } from '../../store/index.ts';
import type { Turn } from '../turn/turn.ts';

type IncidentFact = Extract<FactType, `incident.${string}`>;

export function tell<T extends IncidentFact>(
  turn: Turn,
  { batch_id: batchId, step }: IncidentRecord,
  type: T,
  data: FactData[T],
): void {
  turn.tx.record({ type, subject: subject.task(batchId, step), data });
}
