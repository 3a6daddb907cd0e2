/** A patch of a step: the few things that may be mended while a batch runs. What is not named here cannot be changed. */

import { z } from 'zod';

import { TASK_CLASSES } from '../../contract/index.ts';

const specPatchSchema = z
  .strictObject({
    command: z.string().min(1).max(8_192).optional(),
    env: z.record(z.string(), z.string().max(1_024)).optional(),
    timeout_s: z.number().int().min(1).max(86_400).optional(),
    memory_mb: z.number().int().min(1).max(1_048_576).optional(),
    task_class: z.enum(TASK_CLASSES).optional(),
    retries: z.number().int().min(0).max(10).optional(),
  })
  .refine((patch) => Object.keys(patch).length > 0, 'changes nothing');
export type SpecPatch = z.output<typeof specPatchSchema>;

/** Reads what a model has proposed, and refuses whatever is more than a patch. */
export function readPatch(value: unknown): { readonly patch: SpecPatch } | { readonly refused: string } {
  const read = specPatchSchema.safeParse(value);
  if (read.success) return { patch: read.data };
  const [issue] = read.error.issues;
  return { refused: `${issue?.path.join('.') || 'the patch'}: ${issue?.message ?? 'is none'}` };
}
