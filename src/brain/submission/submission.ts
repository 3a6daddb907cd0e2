/** From a plan folder to a batch: read, check, make its folder, and hand it to the turn that stores it. */

import { resolve } from 'node:path';

import { AppError } from '../../contract/index.ts';
import type { SubmitRequest } from '../../contract/index.ts';
import { newBatchId } from '../../kernel/index.ts';
import type { Clock } from '../../kernel/index.ts';
import type { BatchConfig, PlanWarnings } from '../../plans/index.ts';
import type { Admission, AdmissionResult } from './admission.ts';
import { batchFolder, makeBatchFolder, removeBatchFolder } from './batch-folder.ts';
import { lintContext } from './check-plan.ts';
import type { Surroundings } from './check-plan.ts';
import { batchPriority } from './priority.ts';
import { inheritedFrom } from '../tasks/environment.ts';
import type { PlanReader, ReadingAnswer } from '../reading/read-plan.ts';

interface SubmissionDeps extends Surroundings {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly readPlan: PlanReader;
  /** The turn that stores it. */
  readonly admit: (admission: Admission) => Promise<AdmissionResult>;
}

type Submission =
  | ({ readonly kind: 'accepted'; readonly warnings: PlanWarnings } & Admitted)
  | { readonly kind: 'invalid'; readonly diagnostics: Extract<ReadingAnswer, { kind: 'rejected' }>['diagnostics'] };

interface Admitted {
  readonly batchId: string;
  readonly created: boolean;
}

export async function submitPlan(request: SubmitRequest, deps: SubmissionDeps): Promise<Submission> {
  const path = resolve(request.folder);
  // The request is JSON, and its schema says no more of a value than that.
  const config = request.config as BatchConfig;
  const reading = await deps.readPlan({ folder: path, config, house: await lintContext(deps) });
  if (reading.kind === 'missing') throw notAPlan(path, reading.reason);
  if (reading.kind === 'rejected') return { kind: 'invalid', diagnostics: reading.diagnostics };
  const admitted = await admitUnderFreeId(deps, {
    reading,
    folder: { path },
    priority: batchPriority(request.priority, config),
    config,
    env: inheritedFrom(request.env, deps.environment),
    idempotencyKey: request.idempotency_key ?? null,
  });
  return { kind: 'accepted', warnings: reading.warnings, ...admitted };
}

function notAPlan(path: string, reason: string): AppError {
  return new AppError('PLAN_NOT_FOUND', reason, {
    hint: 'a plan is a folder with plan.md; "drover plan ls" lists those with names',
    detail: { folder: path },
  });
}

/** The id is drawn until folder and row are both new. */
async function admitUnderFreeId(deps: SubmissionDeps, wanted: Omit<Admission, 'id' | 'path'>): Promise<Admitted> {
  const folder = wanted.folder.path;
  for (;;) {
    const id = newBatchId(deps.clock);
    if (!(await makeBatchFolder(folder, id))) continue;
    const admission = { ...wanted, id, path: batchFolder(folder, id) };
    const result = await deps.admit(admission).catch(async (error: unknown) => {
      await removeBatchFolder(folder, id);
      throw error;
    });
    if (result.kind === 'inserted') return { batchId: id, created: true };
    await removeBatchFolder(folder, id);
    if (result.kind === 'exists') return { batchId: result.batchId, created: false };
  }
}
