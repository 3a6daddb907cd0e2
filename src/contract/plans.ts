/** Plans that have a name, their uploads, a submission's answer, and what the runs of a plan came to together: views of the API. */

import { z } from 'zod';

import { FAILURE_CLASSES, taskCountsSchema } from './tasks.ts';
import { BATCH_STATUSES } from './words.ts';

/** A name of a plan: one path segment, and no digest. */
export const planNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be 1 to 100 letters, digits, dots, dashes or underscores');

export const planViewSchema = z
  .object({
    name: z.string(),
    folder: z.string().describe("On the controller's host; of an uploaded plan, its newest version."),
  })
  .readonly()
  .meta({ id: 'Plan' });
export type PlanView = z.output<typeof planViewSchema>;

export const planRunViewSchema = z
  .object({
    batch_id: z.string(),
    status: z.enum(BATCH_STATUSES),
    created_at: z.iso.datetime(),
    ended_at: z.iso.datetime().nullable(),
    duration_ms: z.number(),
    tasks: taskCountsSchema,
    success_rate: z.number().nullable(),
    path: z.string(),
    trimmed: z.boolean().describe('Only its summary is kept.'),
  })
  .readonly()
  .meta({ id: 'PlanRun' });
export type PlanRunView = z.output<typeof planRunViewSchema>;

const trend = z.number().nullable().describe('By how many percent the newer half of the runs takes longer.');

export const planHistoryViewSchema = z
  .object({
    plan: z.string(),
    runs: z.array(planRunViewSchema).readonly().describe('The newest first.'),
    roll_up: z
      .object({
        runs: z.number(),
        succeeded: z.number(),
        success_rate: z.number().nullable(),
        median_duration_ms: z.number().nullable().describe('Of those that succeeded.'),
        trend_percent: trend,
        tokens: z.object({ in: z.number(), out: z.number() }).readonly(),
        retries: z.number(),
        failures: z
          .array(z.object({ class: z.enum(FAILURE_CLASSES).nullable(), tasks: z.number() }).readonly())
          .readonly(),
        steps: z
          .array(
            z
              .object({
                step: z.string(),
                runs: z.number(),
                median_run_ms: z.number(),
                longest_run_ms: z.number(),
                failed_attempts: z.number(),
                trend_percent: trend,
              })
              .readonly(),
          )
          .readonly(),
      })
      .readonly(),
  })
  .readonly()
  .meta({ id: 'PlanHistory' });
export type PlanHistoryView = z.output<typeof planHistoryViewSchema>;

export const planDetailViewSchema = z
  .object({
    ...planViewSchema.unwrap().shape,
    digest: z.string().describe('Of plan.md and the folders that belong to it.'),
    text: z.string().describe('plan.md'),
  })
  .readonly()
  .meta({ id: 'PlanDetail' });
export type PlanDetailView = z.output<typeof planDetailViewSchema>;

export const uploadedPlanViewSchema = z
  .object({
    name: z.string(),
    digest: z.string(),
    folder: z.string().describe("On the controller's host; what `folder` of a submission takes."),
    created: z.boolean().describe('False: this version was there already.'),
  })
  .readonly()
  .meta({ id: 'UploadedPlan' });
export type UploadedPlanView = z.output<typeof uploadedPlanViewSchema>;

export const lintRequestSchema = z.strictObject({
  text: z.string().max(16_777_216).describe('plan.md'),
  files: z.array(z.string()).default([]).describe('What lies beside it, as scripts/count.sh.'),
  config: z.record(z.string(), z.unknown()).optional().describe('Values of a batch; absent: the plan on its own.'),
});
export type LintRequest = z.output<typeof lintRequestSchema>;

export const diagnosticSchema = z
  .object({
    code: z.string(),
    severity: z.enum(['error', 'warning']),
    file: z.string(),
    line: z.number().int(),
    column: z.number().int().describe('In UTF-16 units, from 1.'),
    endColumn: z.number().int().optional(),
    message: z.string(),
    help: z.string().optional(),
  })
  .readonly()
  .meta({ id: 'Diagnostic' });

export const lintViewSchema = z
  .object({ valid: z.boolean().describe('There are no errors.'), diagnostics: z.array(diagnosticSchema).readonly() })
  .readonly()
  .meta({ id: 'Lint' });
export type LintView = z.output<typeof lintViewSchema>;

/** `submit --json`. */
export const submitViewSchema = z
  .object({
    batch_id: z.string(),
    status: z.enum(BATCH_STATUSES),
    tasks: taskCountsSchema,
    path: z.string(),
    warnings: z.array(diagnosticSchema).readonly().describe('What is not wrong with the plan but worth knowing.'),
    more_warnings: z.number().describe('How many there are beside these.'),
  })
  .readonly()
  .meta({ id: 'Submitted' });
export type SubmitView = z.output<typeof submitViewSchema>;
