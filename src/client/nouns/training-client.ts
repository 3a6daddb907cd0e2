/** The part of the client that is about kept prompts and their answers. */

import type {
  ExportFormat,
  SampleKind,
  TrainingReviewRequest,
  TrainingSampleView,
  TrainingStatsView,
} from '../../contract/training.ts';
import { query } from './calls.ts';
import type { Calls } from './calls.ts';

export interface TrainingClient {
  trainingStats(): Promise<TrainingStatsView>;
  /** The newest so many. */
  trainingSamples(filter: {
    readonly kind?: SampleKind | undefined;
    readonly unreviewed?: boolean;
    readonly limit?: number;
  }): Promise<readonly TrainingSampleView[]>;
  trainingSample(id: string): Promise<TrainingSampleView>;
  reviewTrainingSample(id: string, review: TrainingReviewRequest): Promise<TrainingSampleView>;
  /** Lines of JSON. */
  exportTraining(format: ExportFormat, signal?: AbortSignal): AsyncGenerator<string>;
}

export function createTrainingClient({ call, stream }: Calls): TrainingClient {
  return {
    trainingStats: () => call('GET', '/v2/training'),
    trainingSamples: ({ kind, unreviewed, limit }) =>
      call('GET', `/v2/training/samples${query({ kind, unreviewed: unreviewed ? 'true' : undefined, limit })}`),
    trainingSample: (id) => call('GET', samplePath(id)),
    reviewTrainingSample: (id, review) => call('POST', `${samplePath(id)}/review`, review),
    exportTraining: (format, signal) => stream(`/v2/training/export${query({ format })}`, signal),
  };
}

function samplePath(id: string): string {
  return `/v2/training/samples/${encodeURIComponent(id)}`;
}
