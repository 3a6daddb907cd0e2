/** What the doctor tells: one finding for each thing looked at. Data only. */

export interface Finding {
  /** What was looked at: `home`, `port`, `engines` … */
  readonly check: string;
  /** Only a problem keeps things from working. */
  readonly status: 'ok' | 'warning' | 'problem';
  readonly message: string;
  /** A line of bash that mends it; null for what is well, and what mends itself. */
  readonly mend: string | null;
}

export function ok(check: string, message: string): Finding {
  return { check, status: 'ok', message, mend: null };
}

export function warning(check: string, message: string, mend: string | null): Finding {
  return { check, status: 'warning', message, mend };
}

export function problem(check: string, message: string, mend: string): Finding {
  return { check, status: 'problem', message, mend };
}
