/** `RUN_MODE` and `RESUME_BATCH_ID` of old plans: a submission that means an earlier batch of the same plan. */

import { AppError } from '../../contract/index.ts';

/** The batch to resume, or null for a new one. Rejects with INVALID_REQUEST what means neither. */
export function resumedBatch(config: Readonly<Record<string, unknown>>): string | null {
  const { RUN_MODE: mode, RESUME_BATCH_ID: id } = config;
  if (mode === undefined || mode === 'fresh') return null;
  if (mode !== 'resume') throw invalid(`RUN_MODE is fresh or resume, not ${JSON.stringify(mode)}`);
  if (typeof id !== 'string' || id === '') throw invalid('RUN_MODE=resume needs RESUME_BATCH_ID');
  return id;
}

function invalid(message: string): AppError {
  return new AppError('INVALID_REQUEST', message, { hint: 'run "drover batch ls" for the ids, or leave RUN_MODE out' });
}

/** Rejects with INVALID_REQUEST when the batch is of another plan. */
export function requireSamePlan(batchId: string, planPath: string, folder: string): void {
  if (planPath !== folder) throw invalid(`batch ${batchId} is of ${planPath}, not of ${folder}`);
}
