/** The part of the client that is about plans. */

import type { LintRequest, LintView, PlanDetailView, PlanHistoryView, PlanView, UploadedPlanView } from '../../contract/plans.ts'; // prettier-ignore
import { query } from './calls.ts';
import type { Calls } from './calls.ts';

export interface PlanClient {
  plans(): Promise<readonly PlanView[]>;
  plan(name: string): Promise<PlanDetailView>;
  planHistory(name: string, limit?: number): Promise<PlanHistoryView>;
  lintPlan(request: LintRequest): Promise<LintView>;
  /** Sends a plan folder as a tar. */
  uploadPlan(name: string, tar: AsyncIterable<Uint8Array>): Promise<UploadedPlanView>;
}

export function createPlanClient({ call, send }: Calls): PlanClient {
  return {
    plans: () => call('GET', '/v2/plans'),
    plan: (name) => call('GET', planPath(name)),
    planHistory: (name, limit) => call('GET', `${planPath(name)}/history${query({ limit })}`),
    lintPlan: (request) => call('POST', '/v2/plans/lint', request),
    uploadPlan: (name, stream) =>
      send({
        method: 'POST',
        path: `/v2/plans${query({ name })}`,
        stream,
        headers: { 'content-type': 'application/x-tar' },
      }),
  };
}

function planPath(name: string): string {
  return `/v2/plans/${encodeURIComponent(name)}`;
}
