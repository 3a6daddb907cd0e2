/** What a driver and its tools come to: cards are seen when a tool lists them. Pure. */

import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';

export type ToolAnswer =
  | { readonly kind: 'missing'; readonly tool: string }
  | { readonly kind: 'works'; readonly tool: string }
  | { readonly kind: 'fails'; readonly tool: string; readonly complaint: string };

interface DriverLook {
  readonly name: string;
  readonly isLoaded: boolean;
  /** Of each of its tools; one that works is enough. */
  readonly answers: readonly ToolAnswer[];
  /** Bash lines: that bring a tool, the driver, and both to the same release. */
  readonly install: string;
  readonly load: string;
  readonly reload: string;
}

/** Null where there is neither driver nor tool. */
export function driverFinding({ name, isLoaded, answers, install, load, reload }: DriverLook): Finding | null {
  const working = answers.find(({ kind }) => kind === 'works');
  if (working !== undefined) return ok('drivers', `${name} driver and ${working.tool}`);
  const failing = answers.find((answer) => answer.kind === 'fails');
  if (!isLoaded) {
    if (failing === undefined) return null;
    return warning('drivers', `${failing.tool} is there, but no ${name} driver is loaded`, load);
  }
  if (failing !== undefined) {
    return problem('drivers', `the ${name} driver is loaded, but ${failing.tool} says: ${failing.complaint}`, reload);
  }
  const missing = answers.map(({ tool }) => tool).join(' or ');
  return problem('drivers', `the ${name} driver is loaded, but ${missing} is missing`, install);
}
