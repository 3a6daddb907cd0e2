/** How logs are asked for, the same for instances and tasks. */

import { z } from 'zod';

export const logQuery = z.strictObject({
  stream: z.enum(['stdout', 'stderr', 'both']).default('both'),
  tail: z.coerce.number().int().min(0).optional().describe('Lines from the end; absent: everything.'),
  follow: z.stringbool().default(false).describe('Go on with what comes.'),
});

export type LogQuery = z.output<typeof logQuery>;

/** The streams that are asked for, by the names of their files. */
export function streamNames(stream: LogQuery['stream']): readonly ('stdout' | 'stderr')[] {
  return stream === 'both' ? ['stdout', 'stderr'] : [stream];
}
