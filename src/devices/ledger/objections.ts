/** Why the memory ledger says no to a share of a device: the sum, the device's standing, or what is in use. Pure. */

import { formatBytes } from '../format-bytes.ts';
import { drawPicture } from './ledger-page.ts';
import type { LedgerPage, LedgerPicture, LedgerRules } from './ledger-page.ts';
import type { ReservationAnswer, ReservationKind, ReservationRequest } from './reservations.ts';
import { refusalOf } from './standing.ts';
import type { Standing } from './standing.ts';

/** From this measured share on, nothing new is granted, whoever uses the memory. */
const PRESSURE_SHARE = 0.95;

/** What a refusal says; null is no objection. */
type Objection = Extract<ReservationAnswer, { kind: 'refused' }> | null;

/** A share that somebody wants of one device. */
interface Wish {
  readonly request: Pick<ReservationRequest, 'kind' | 'role'>;
  readonly share: { readonly device: string; readonly bytes: number };
  /** What the owner holds already: a restart is not refused for the memory of its own former process. */
  readonly ownBytes: number;
  /** Without what the owner holds; null for an unknown device. */
  readonly page: LedgerPage | null;
}

export function objectTo({ request, share, ownBytes, page }: Wish): Objection {
  if (page === null) return refuse('never', 'this host has no such device');
  const picture = drawPicture(page);
  return (
    objectToSum(request.kind, share.bytes, picture, page.rules) ??
    objectToStanding(request, picture.standing) ??
    objectToUse(request.kind, share.bytes, picture, (page.entry.observedBytes ?? 0) - ownBytes)
  );
}

function objectToSum(
  kind: ReservationKind,
  bytes: number,
  { totalBytes, taskBudgetBytes, freeBytes, instanceBytes, taskBytes }: LedgerPicture,
  { taskShare }: LedgerRules,
): Objection {
  const limit = kind === 'task' ? taskBudgetBytes : totalBytes;
  const free = kind === 'task' ? Math.max(0, limit - instanceBytes - taskBytes) : freeBytes;
  if (bytes <= free) return null;
  const limitName = kind === 'task' ? `for tasks (${taskShare * 100}% of ${formatBytes(totalBytes)})` : 'total';
  return refuse(
    bytes > limit ? 'never' : 'now',
    `need ${formatBytes(bytes)}, free ${formatBytes(free)} = ${formatBytes(limit)} ${limitName}` +
      ` - ${formatBytes(instanceBytes)} instances - ${formatBytes(taskBytes)} tasks`,
  );
}

function objectToStanding({ kind, role }: Wish['request'], standing: Standing): Objection {
  const refusal = refusalOf(standing, role ?? (kind === 'task' ? 'tasks' : 'instances'));
  if (refusal !== null) return refuse('now', refusal);
  return kind === 'task' && standing.condition === 'constrained' ? refuse('now', standing.why ?? 'constrained') : null;
}

/** What is in use counts, whoever uses it: nothing new under pressure, and no task beyond what is free. */
function objectToUse(
  kind: ReservationKind,
  bytes: number,
  { totalBytes, freeForTasksBytes }: LedgerPicture,
  observedBytes: number,
): Objection {
  const fits = kind !== 'task' || bytes <= freeForTasksBytes;
  if (fits && observedBytes < totalBytes * PRESSURE_SHARE) return null;
  return refuse('now', `${formatBytes(observedBytes)} of ${formatBytes(totalBytes)} are in use, as measured`);
}

export function refuse(when: 'never' | 'now', arithmetic: string): NonNullable<Objection> {
  return { kind: 'refused', arithmetic, when };
}
