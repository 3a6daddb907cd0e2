/** Attempts, time and priority of a task that says nothing. */
export const TASK_DEFAULTS = { retries: 2, timeoutMs: 30 * 60_000, priority: 5 } as const;
