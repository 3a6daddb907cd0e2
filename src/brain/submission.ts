/** From a plan folder to a batch: read, check, make its folder, and hand it to the turn that stores it. */

import { resolve } from 'node:path';

import { AppError } from '../contract/index.ts';
import type { SubmitRequest } from '../contract/index.ts';
import { newBatchId } from '../kernel/index.ts';
import type { Clock } from '../kernel/index.ts';
import { compilePlan, loadPlanFolder, parsePlan } from '../plans/index.ts';
import type { BatchConfig, CompileResult } from '../plans/index.ts';
import type { Admission, AdmissionResult } from './admission.ts';
import { batchFolder, makeBatchFolder, removeBatchFolder } from './batch-folder.ts';
import { lintContext } from './check-plan.ts';
import type { Surroundings } from './check-plan.ts';
import { inheritedFrom } from './environment.ts';

export interface SubmissionDeps extends Surroundings {
  readonly clock: Clock;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The turn that stores it. */
  readonly admit: (admission: Admission) => Promise<AdmissionResult>;
}

export type Submission =
  | { readonly kind: 'accepted'; readonly batchId: string; readonly created: boolean }
  | { readonly kind: 'invalid'; readonly diagnostics: Extract<CompileResult, { kind: 'rejected' }>['diagnostics'] };

const PRIORITIES = { low: 25, normal: 50, high: 75, urgent: 100 } as const;

export async function submitPlan(request: SubmitRequest, deps: SubmissionDeps): Promise<Submission> {
  const path = resolve(request.folder);
  const loaded = await loadPlanFolder(path);
  if (loaded.kind === 'missing') throw notAPlan(path, loaded.reason);
  // The request is JSON, and its schema says no more of a value than that.
  const config = request.config as BatchConfig;
  const compiled = compilePlan(parsePlan({ file: 'plan.md', text: loaded.source }), {
    config,
    ...(await lintContext(deps)),
    files: loaded.files,
  });
  if (compiled.kind === 'rejected') return { kind: 'invalid', diagnostics: compiled.diagnostics };
  return admitUnderFreeId(deps, {
    plan: compiled.plan,
    folder: { path, digest: loaded.digest },
    priority: typeof request.priority === 'number' ? request.priority : PRIORITIES[request.priority],
    config,
    env: inheritedFrom(request.env, deps.environment),
    idempotencyKey: request.idempotency_key ?? null,
  });
}

function notAPlan(path: string, reason: string): AppError {
  return new AppError('PLAN_NOT_FOUND', reason, {
    hint: 'a plan is a folder with plan.md; "drover plan ls" lists those with names',
    detail: { folder: path },
  });
}

/** The id is drawn until folder and row are both new. */
async function admitUnderFreeId(deps: SubmissionDeps, wanted: Omit<Admission, 'id' | 'path'>): Promise<Submission> {
  const folder = wanted.folder.path;
  for (;;) {
    const id = newBatchId(deps.clock);
    if (!(await makeBatchFolder(folder, id))) continue;
    const admission = { ...wanted, id, path: batchFolder(folder, id) };
    const result = await deps.admit(admission).catch(async (error: unknown) => {
      await removeBatchFolder(folder, id);
      throw error;
    });
    if (result.kind === 'inserted') return { kind: 'accepted', batchId: id, created: true };
    await removeBatchFolder(folder, id);
    if (result.kind === 'exists') return { kind: 'accepted', batchId: result.batchId, created: false };
  }
}
