/** The one door to the training data of this home: keeps what models were asked, and takes and tells what is thought of it. */

import { join } from 'node:path';

import { AppError } from '../../contract/index.ts';
import type {
  ExportFormat,
  SampleKind,
  TrainingReview,
  TrainingReviewRequest,
  TrainingStatsView,
} from '../../contract/index.ts';
import { isoTime, randomToken } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { appendLine } from './append-line.ts';
import { exported } from './export.ts';
import { readSamples, sizeOf } from './read-samples.ts';
import type { TrainingFiles } from './read-samples.ts';
import { toSample } from './samples.ts';
import type { KeepSample, ReviewedSample } from './samples.ts';
import { countSamples } from './stats.ts';

interface SampleFilter {
  readonly kind?: SampleKind | undefined;
  /** Only those that nobody has reviewed. */
  readonly unreviewed: boolean;
  /** The newest so many. */
  readonly limit: number;
}

export interface TrainingLog {
  readonly keep: KeepSample;
  /** What the brain thinks of the accepted answers of an attempt. Never rejects. */
  score(about: string, rating: number, reason: string): Promise<void>;
  stats(): Promise<TrainingStatsView>;
  list(filter: SampleFilter): Promise<readonly ReviewedSample[]>;
  /** Rejects with SAMPLE_NOT_FOUND. */
  show(id: string): Promise<ReviewedSample>;
  review(id: string, request: TrainingReviewRequest): Promise<ReviewedSample>;
  /** Lines of JSON. */
  export(format: ExportFormat): AsyncIterable<string>;
}

interface TrainingLogDeps {
  /** `$DROVER_HOME/training`. */
  readonly folder: string;
  readonly isOn: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

const ID_LENGTH = 16;

export function createTrainingLog({ folder, isOn, clock, log }: TrainingLogDeps): TrainingLog {
  const files: TrainingFiles = {
    samples: join(folder, 'training_samples.jsonl'),
    reviews: join(folder, 'training_reviews.jsonl'),
  };

  /** A full disk costs training data, never a task. */
  async function tryAppend(path: string, value: unknown): Promise<boolean> {
    try {
      await appendLine(path, value);
      return true;
    } catch (error) {
      log.error({ err: error, path }, 'training data was not kept');
      return false;
    }
  }

  async function show(id: string): Promise<ReviewedSample> {
    for await (const line of readSamples(files)) {
      if (line.kind === 'sample' && line.sample.id === id) return line.sample;
    }
    throw new AppError('SAMPLE_NOT_FOUND', `there is no training sample ${id}`, {
      hint: 'run "drover training review"',
      detail: { sample: id },
    });
  }

  return {
    async keep(sample) {
      if (!isOn()) return null;
      const id = randomToken(ID_LENGTH);
      return (await tryAppend(files.samples, toSample(sample, id, clock.now()))) ? id : null;
    },
    async score(about, rating, reason) {
      if (!isOn()) return;
      const time = isoTime(clock.now());
      await tryAppend(files.reviews, { about, time, by: 'brain', rating, feedback: reason, correction: null });
    },
    async stats() {
      const [counts, bytes] = [await countSamples(readSamples(files)), await sizeOf(files.samples)];
      return { recording: isOn(), path: files.samples, bytes, ...counts };
    },
    async list({ kind, unreviewed, limit }) {
      const found: ReviewedSample[] = [];
      for await (const line of readSamples(files)) {
        if (line.kind === 'damaged' || (kind !== undefined && line.sample.kind !== kind)) continue;
        if (unreviewed && line.sample.review !== null) continue;
        found.push(line.sample);
        if (found.length > limit) found.shift();
      }
      return found;
    },
    show,
    async review(id, { rating, feedback, correction }) {
      const sample = await show(id);
      const review: TrainingReview = {
        sample: id,
        time: isoTime(clock.now()),
        by: 'person',
        rating,
        feedback: feedback ?? null,
        correction: correction ?? null,
      };
      await appendLine(files.reviews, review);
      return { ...sample, review };
    },
    async *export(format) {
      for await (const line of readSamples(files)) {
        const value = line.kind === 'sample' ? exported(line.sample, format) : null;
        if (value !== null) yield `${JSON.stringify(value)}\n`;
      }
    },
  };
}
