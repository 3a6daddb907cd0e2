/** The part of the client that is about plans and the files of batches. */

import type { LintRequest, LintView, PlanDetailView, PlanHistoryView, PlanView, UploadedPlanView } from '../contract/plans.ts'; // prettier-ignore
import type { BatchProgressView } from '../contract/progress.ts';
import type { Endpoint } from './endpoint.ts';
import { readBytes, readJson } from './response.ts';
import type { Exchange, Transport } from './transport.ts';

export interface PlanClient {
  plans(): Promise<readonly PlanView[]>;
  plan(name: string): Promise<PlanDetailView>;
  planHistory(name: string, limit?: number): Promise<PlanHistoryView>;
  lintPlan(request: LintRequest): Promise<LintView>;
  /** Sends a plan folder as a tar. */
  uploadPlan(name: string, tar: AsyncIterable<Uint8Array>): Promise<UploadedPlanView>;
  batchProgress(id: string): Promise<BatchProgressView>;
  /** The folder of a batch as a tar. */
  exportBatch(id: string): AsyncGenerator<Buffer>;
}

export function createPlanClient(transport: Transport, endpoint: Endpoint): PlanClient {
  const call = async <T>(exchange: Exchange): Promise<T> => readJson<T>(await transport(exchange), endpoint);
  const get = <T>(path: string): Promise<T> => call({ method: 'GET', path });
  return {
    plans: () => get('/v2/plans'),
    plan: (name) => get(planPath(name)),
    planHistory: (name, limit) => get(`${planPath(name)}/history${limit === undefined ? '' : `?limit=${limit}`}`),
    lintPlan: (body) => call({ method: 'POST', path: '/v2/plans/lint', body }),
    uploadPlan: (name, stream) =>
      call({
        method: 'POST',
        path: `/v2/plans?name=${encodeURIComponent(name)}`,
        stream,
        headers: { 'content-type': 'application/x-tar' },
      }),
    batchProgress: (id) => get(`${batchPath(id)}/progress`),
    async *exportBatch(id) {
      const response = await transport({ method: 'GET', path: `${batchPath(id)}/export` });
      try {
        yield* readBytes(response, endpoint);
      } finally {
        response.destroy();
      }
    },
  };
}

function planPath(name: string): string {
  return `/v2/plans/${encodeURIComponent(name)}`;
}

function batchPath(id: string): string {
  return `/v2/batches/${encodeURIComponent(id)}`;
}
