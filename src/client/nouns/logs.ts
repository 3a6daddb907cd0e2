/** How logs are asked for, of instances and of tasks. */

import { query } from './calls.ts';

export interface LogRequest {
  readonly stream?: 'stdout' | 'stderr' | 'both' | undefined;
  /** Lines from the end; absent: everything. */
  readonly tail?: number | undefined;
  readonly follow?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

export function logQuery(
  { stream, tail, follow }: LogRequest,
  more: Readonly<Record<string, string | number | undefined>>,
): string {
  return query({ stream, tail, follow: follow ? 'true' : undefined, ...more });
}
