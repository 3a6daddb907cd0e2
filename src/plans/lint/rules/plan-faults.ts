/** P011 and the faults of `## Inputs` (P003, P009): found while reading, told here under their own codes. */
import type { PlanFault } from '../../types.ts';
import type { Rule } from '../rule.ts';

const CODES = ['P003', 'P009', 'P011'];

/** One rule per code, since a rule has one code. */
export const planFaults: readonly Rule[] = CODES.map((code) => ({
  code,
  severity: 'error',
  check: ({ plan }) => plan.faults.filter((fault: PlanFault) => fault.code === code),
}));
