/** Pause, resume and retry as callers see them: done, or rejected with why not. */

import { resolve } from 'node:path';

import type { BatchSummaryView, RetryRequest, SubmitRequest } from '../../contract/index.ts';
import { findBatch } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import type { TurnLoop } from '../turn/turn-loop.ts';
import type { Views } from '../views.ts';
import type { CourseOrder, CourseRefusal } from './apply-course.ts';
import { requireSamePlan, resumedBatch } from './run-mode.ts';

interface CourseDeps {
  readonly store: Store;
  readonly loop: () => TurnLoop;
  readonly views: () => Views;
}

export function createCourseFace({ store, loop, views }: CourseDeps) {
  async function order(given: CourseOrder): Promise<BatchSummaryView> {
    await views().requireBatch(given.batchId);
    const refusal = await loop().ask<CourseRefusal>((reply) => ({ kind: 'course', order: given, reply }));
    if (refusal) throw refusal;
    return views().summaryView(given.batchId);
  }

  return {
    pause: (batchId: string) => order({ kind: 'pause', batchId }),
    resume: (batchId: string) => order({ kind: 'resume', batchId }),
    retry: (batchId: string, request: RetryRequest) => order({ kind: 'retry', batchId, choice: choiceOf(request) }),

    /** Resumes the batch that the config of a submission means; null when it means a new one. */
    async resumeBy({ config, folder }: SubmitRequest): Promise<string | null> {
      const batchId = resumedBatch(config);
      if (batchId === null) return null;
      await views().requireBatch(batchId);
      const row = await store.read((db) => findBatch(db, batchId));
      requireSamePlan(batchId, row?.plan_path ?? '', resolve(folder));
      await order({ kind: 'resume', batchId });
      return batchId;
    },
  };
}

function choiceOf({ from, items }: RetryRequest): Extract<CourseOrder, { kind: 'retry' }>['choice'] {
  if (from !== undefined) return { kind: 'from', task: from };
  return items === undefined ? { kind: 'failed' } : { kind: 'items', keys: items };
}
