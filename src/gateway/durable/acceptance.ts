/** A task becomes a row, with its turn in the session that it names, or is known by its idempotency key already. */

import { createHash } from 'node:crypto';

import { AppError } from '../../contract/errors.ts';
import { subject } from '../../contract/index.ts';
import type { InferenceTaskAsk } from '../../contract/index.ts';
import { newRequestId } from '../../kernel/index.ts';
import type { Random } from '../../kernel/index.ts';
import {
  findByIdempotencyKey,
  insertDurableRequest,
  noteTurn,
  openSession,
  removeDurableRequest,
} from '../../store/index.ts';
import type { DurableRecord, Tx } from '../../store/index.ts';
import { estimateUsage } from '../queue/fairness.ts';
import { checkBudget } from './budget.ts';
import { SESSION_IDLE_MS } from './sessions.ts';
import { workloadOf } from './task-call.ts';

export interface TaskOrder {
  readonly ask: InferenceTaskAsk;
  /** The actor who asks. */
  readonly owner: string;
  readonly idempotencyKey: string | null;
}

export interface Written {
  readonly record: DurableRecord;
  /** It was there before. */
  readonly isKnown: boolean;
}

/** Rejects with IDEMPOTENCY_CONFLICT or BUDGET_EXCEEDED. */
export async function writeTask(tx: Tx, order: TaskOrder, random: Random): Promise<Written> {
  const digest = createHash('sha256').update(JSON.stringify(order.ask)).digest('hex');
  const known = await knownTask(tx, order, digest);
  if (known !== null) return { record: known, isKnown: true };
  const { ask, owner } = order;
  const session = ask.session_id ?? null;
  const grant = await grantOf(tx, order);
  const record = await insertDurableRequest(tx, {
    id: newRequestId(),
    owner,
    idempotencyKey: order.idempotencyKey,
    digest,
    session,
    model: ask.model,
    ask,
    face: {
      workload: workloadOf(ask),
      priority: ask.priority,
      seed: ask.sampling?.seed ?? ask.seed ?? Math.floor(random() * 2 ** 31),
      maxTokens: grant.maxTokens,
      retention: ask.stream_retention,
    },
    reservedTokens: grant.reservedTokens,
    deadlineAt: ask.deadline_ms === undefined ? null : tx.now + ask.deadline_ms,
  });
  if (session !== null) await noteTurn(tx, { owner, id: session }, { turns: 1, tokens: 0, ms: 0 });
  const data = { model: ask.model, owner, session };
  tx.record({ type: 'request.accepted', subject: subject.request(record.id), data });
  return { record, isKnown: false };
}

/** It could not even wait: as if it had never been. */
export async function unwriteTask(tx: Tx, { id, owner, session }: DurableRecord, error: AppError): Promise<void> {
  await removeDurableRequest(tx, id);
  if (session !== null) await noteTurn(tx, { owner, id: session }, { turns: -1, tokens: 0, ms: 0 });
  tx.record({ type: 'request.refused', subject: subject.request(id), data: { code: error.code } });
}

async function knownTask(tx: Tx, { owner, idempotencyKey }: TaskOrder, digest: string): Promise<DurableRecord | null> {
  if (idempotencyKey === null) return null;
  const known = await findByIdempotencyKey(tx.db, owner, idempotencyKey);
  if (known === null || known.digest === digest) return known;
  throw new AppError(
    'IDEMPOTENCY_CONFLICT',
    `the idempotency key already began task ${known.id}, which is another one`,
    {
      hint: 'use another key, or send the same body',
      detail: { task_id: known.id },
    },
  );
}

async function grantOf(tx: Tx, { ask, owner }: TaskOrder) {
  const maxTokens = ask.max_tokens ?? null;
  const promptTokens = estimateUsage(Buffer.byteLength(JSON.stringify(ask.prompt ?? ask.messages)), null).tokensIn;
  if (ask.session_id === undefined) return { maxTokens, reservedTokens: 0 };
  const session = await openSession(tx, { owner, id: ask.session_id }, SESSION_IDLE_MS);
  const verdict = checkBudget(session, { promptTokens, maxTokens });
  if (verdict.kind === 'over') throw verdict.error;
  return verdict;
}
