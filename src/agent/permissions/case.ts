/** What a judge is told of a command beside its text: where it would run, and what was allowed before. */

import type { Surroundings } from './guards.ts';

export interface Case extends Surroundings {
  /** The whole environment of the command, when it is known. */
  readonly environment: Readonly<Record<string, string>> | null;
  /** Commands, as verdicts show them, that a person has allowed. */
  readonly approved: readonly string[];
}
