/** What a batch came to, as RUN_SUMMARY.json, `batch summary --json` and the route of the summary tell it. */

import { z } from 'zod';

import { batchSummaryViewSchema, FAILURE_CLASSES } from './tasks.ts';

const shareSchema = z
  .object({
    name: z.string(),
    attempts: z.number(),
    failed_attempts: z.number(),
    run_ms: z.number(),
    median_run_ms: z.number(),
    longest_run_ms: z.number(),
  })
  .readonly()
  .describe('Attempts that have something in common.');
export type Share = z.output<typeof shareSchema>;

const memoryShareSchema = z.object({ step: z.string(), estimate_bytes: z.number(), peak_bytes: z.number() }).readonly();
export type MemoryShare = z.output<typeof memoryShareSchema>;

const failureEntrySchema = z
  .object({
    task: z.string(),
    class: z.enum(FAILURE_CLASSES).nullable(),
    reason: z.string().nullable(),
    exit_code: z.number().nullable(),
    attempts: z.number(),
    log: z.string().nullable().describe('Folder of the last attempt.'),
  })
  .readonly();
export type FailureEntry = z.output<typeof failureEntrySchema>;

const taskNoteSchema = z.object({ task: z.string(), reason: z.string().nullable() }).readonly();

export const runSummarySchema = z
  .object({
    ...batchSummaryViewSchema.unwrap().shape,
    duration_ms: z.number(),
    success_rate: z
      .number()
      .nullable()
      .describe(
        'Succeeded of all that ended and were not skipped, without what a goal-driven plan turned down; null before the first end.',
      ),
    queue_wait_ms: z.number(),
    run_ms: z.number(),
    by_class: z.array(shareSchema).readonly(),
    by_device: z.array(shareSchema).readonly(),
    by_step: z.array(shareSchema).readonly(),
    memory: z.array(memoryShareSchema).readonly(),
    retries: z.object({ counted: z.number(), free: z.number(), wasted_ms: z.number() }).readonly(),
    interventions: z.array(z.string()).readonly().describe('What people did to the batch, each with its time.'),
    tokens: z.object({ in: z.number(), out: z.number() }).readonly(),
    evaluation: z
      .object({ judged: z.number(), mean: z.number(), redone: z.number() })
      .readonly()
      .nullable()
      .describe('What the brain thinks of what it was asked to judge; null: it judged nothing.'),
    notes: z
      .array(taskNoteSchema)
      .readonly()
      .optional()
      .describe(
        'What foreach tasks that succeeded came to, where not all of their items did: what was tolerated, a goal.',
      ),
    failures: z.array(failureEntrySchema).readonly(),
    aborted: z.array(taskNoteSchema).readonly(),
    lessons: z.array(z.string()).readonly(),
  })
  .readonly()
  .meta({ id: 'RunSummary' });
export type RunSummary = z.output<typeof runSummarySchema>;
