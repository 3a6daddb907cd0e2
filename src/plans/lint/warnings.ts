/** What is not wrong with a valid plan but worth knowing, as much of it as one who submits the plan will read. */

import type { Diagnostic } from '../../contract/index.ts';

const MOST_TOLD = 20;

export interface PlanWarnings {
  readonly told: readonly Diagnostic[];
  /** How many there are beside these. */
  readonly more: number;
}

export function warningsOf(diagnostics: readonly Diagnostic[]): PlanWarnings {
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  const told = warnings.slice(0, MOST_TOLD);
  return { told, more: warnings.length - told.length };
}
