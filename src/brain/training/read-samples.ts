/** Reads samples as they are now, each with its latest review. Lines that somebody is just writing are not yet there. */

import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';

import { trainingReviewSchema, trainingSampleSchema } from '../../contract/index.ts';
import type { TrainingReview, TrainingSample } from '../../contract/index.ts';
import { hasCode } from '../../kernel/index.ts';
import { endsInLine } from './append-line.ts';
import type { ReviewedSample } from './samples.ts';

export interface TrainingFiles {
  readonly samples: string;
  readonly reviews: string;
}

export type SampleLine =
  | { readonly kind: 'sample'; readonly sample: ReviewedSample }
  /** Half a line that a killed writer left, or no sample at all. */
  | { readonly kind: 'damaged' };

export async function* readSamples(files: TrainingFiles): AsyncGenerator<SampleLine> {
  const reviews = await readReviews(files.reviews);
  for await (const line of linesOf(files.samples)) {
    const sample = trainingSampleSchema.safeParse(parse(line));
    yield sample.success
      ? { kind: 'sample', sample: { ...sample.data, review: reviews.of(sample.data) } }
      : { kind: 'damaged' };
  }
}

/** A person's word about a sample goes before the brain's about the attempt. */
async function readReviews(path: string): Promise<{ of(sample: TrainingSample): TrainingReview | null }> {
  const bySample = new Map<string, TrainingReview>();
  const byAttempt = new Map<string, TrainingReview>();
  for await (const line of linesOf(path)) {
    const { success, data: review } = trainingReviewSchema.safeParse(parse(line));
    if (success && review.sample !== undefined) bySample.set(review.sample, review);
    else if (success && review.about !== undefined) byAttempt.set(review.about, review);
  }
  return {
    of: ({ id, outcome, context }) =>
      bySample.get(id) ?? (outcome.accepted ? (byAttempt.get(context.about) ?? null) : null),
  };
}

async function* linesOf(path: string): AsyncGenerator<string> {
  const size = await sizeOf(path);
  if (size === 0) return;
  await using file = await open(path);
  const isWhole = await endsInLine(file, size);
  // Up to the size of now: a reader does not run after a writer.
  const input = createReadStream(path, { encoding: 'utf8', end: size - 1 });
  let read = '';
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (read !== '') yield read;
    read = line;
  }
  if (isWhole && read !== '') yield read;
}

/** 0 for a file that is not there. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return 0;
    throw error;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line) as unknown;
  } catch {
    return null;
  }
}
