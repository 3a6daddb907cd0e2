/** Training data: prompts with their answers, what is thought of them, and the counts. */

import { z } from 'zod';

export const SAMPLE_KINDS = ['generate', 'parse', 'decide', 'repair', 'evaluate'] as const;
export type SampleKind = (typeof SAMPLE_KINDS)[number];

/** One line of `training_samples.jsonl`. */
export const trainingSampleSchema = z
  .object({
    id: z.string(),
    time: z.iso.datetime(),
    kind: z.enum(SAMPLE_KINDS).describe('The type of the task, or what the brain was asked for.'),
    model: z.string(),
    system: z.string().nullable(),
    prompt: z.string(),
    context: z.object({
      about: z.string().describe('BATCH/TASK#ATTEMPT.'),
      instance: z.string(),
      device: z.string(),
    }),
    response: z.string(),
    outcome: z.object({
      accepted: z.boolean().describe('False for an answer without the form that was asked for.'),
      problem: z.string().nullable(),
    }),
  })
  .readonly();
export type TrainingSample = z.output<typeof trainingSampleSchema>;

const rating = z.number().int().min(1).max(5);

/** One line of `training_reviews.jsonl`: of one sample, or of the accepted ones of an attempt. The last line counts. */
export const trainingReviewSchema = z
  .object({
    sample: z.string().optional(),
    about: z.string().optional(),
    time: z.iso.datetime(),
    by: z.enum(['person', 'brain']),
    rating: rating.describe('From 4 on it is an example to learn from.'),
    feedback: z.string().nullable(),
    correction: z.string().nullable().describe('The answer as it should have been.'),
  })
  .readonly();
export type TrainingReview = z.output<typeof trainingReviewSchema>;

export const trainingSampleViewSchema = z
  .object({ ...trainingSampleSchema.unwrap().shape, review: trainingReviewSchema.nullable() })
  .readonly()
  .meta({ id: 'TrainingSample' });
export type TrainingSampleView = z.output<typeof trainingSampleViewSchema>;

export const trainingReviewRequestSchema = z.strictObject({
  rating,
  feedback: z.string().max(10_000).optional(),
  correction: z.string().min(1).optional(),
});
export type TrainingReviewRequest = z.output<typeof trainingReviewRequestSchema>;

const kindCounts = z.record(z.string(), z.object({ samples: z.number(), accepted: z.number() }));

export const trainingStatsViewSchema = z
  .object({
    recording: z.boolean().describe('The setting `training`.'),
    path: z.string(),
    bytes: z.number(),
    samples: z.number(),
    damaged: z.number().describe('Lines that are no samples.'),
    accepted: z.number(),
    reviewed: z.number(),
    positive: z.number().describe('Rated 4 or 5.'),
    pairs: z.number().describe('Rated 1 or 2, with a correction.'),
    by_kind: kindCounts,
    by_model: kindCounts,
  })
  .readonly()
  .meta({ id: 'TrainingStats' });
export type TrainingStatsView = z.output<typeof trainingStatsViewSchema>;

/** `positive`: chats to learn from. `preference`: a chosen and a rejected answer. `raw`: all samples with their reviews. */
export const EXPORT_FORMATS = ['positive', 'preference', 'raw'] as const;
export type ExportFormat = (typeof EXPORT_FORMATS)[number];
