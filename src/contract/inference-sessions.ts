/** Sessions of the native task API: what belongs together, how much it has used, and how much it may. */

import { z } from 'zod';

const tokens = z.number().int().min(1).max(1_000_000_000_000);
const seconds = z.number().min(0.001).max(1_000_000_000);

export const sessionBudgetRequestSchema = z.strictObject({
  budget_tokens: tokens.nullable().optional().describe('In and out, over all turns; null: without a limit.'),
  budget_seconds: seconds.nullable().optional().describe('In a slot, over all turns; null: without a limit.'),
});
export type SessionBudgetRequest = z.input<typeof sessionBudgetRequestSchema>;

export const inferenceSessionViewSchema = z
  .object({
    session_id: z.string(),
    owner: z.string(),
    turns: z.number().describe('Tasks that were accepted.'),
    open_turns: z.number().describe('Those that have not ended.'),
    tokens_used: z.number(),
    seconds_used: z.number(),
    budget_tokens: z.number().nullable(),
    budget_seconds: z.number().nullable(),
    tokens_remaining: z.number().nullable().describe('What the open turns may use is taken off already.'),
    seconds_remaining: z.number().nullable(),
    created_at: z.iso.datetime(),
    last_used_at: z.iso.datetime(),
    expires_at: z.iso.datetime().nullable().describe('Ten minutes after its last use; null while a turn is open.'),
  })
  .readonly()
  .meta({ id: 'InferenceSession' });
export type InferenceSessionView = z.output<typeof inferenceSessionViewSchema>;
