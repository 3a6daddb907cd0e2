/** How logs are asked for, the same for instances and tasks. */

import { z } from 'zod';

export const logQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr', 'both']).default('both'),
  /** Lines from the end; absent: everything. */
  tail: z.coerce.number().int().min(0).optional(),
  follow: z.stringbool().default(false),
});

export type LogQuery = z.output<typeof logQuery>;

/** The streams that are asked for, by the names of their files. */
export function streamNames(stream: LogQuery['stream']): readonly ('stdout' | 'stderr')[] {
  return stream === 'both' ? ['stdout', 'stderr'] : [stream];
}
