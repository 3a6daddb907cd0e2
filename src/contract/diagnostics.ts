/**
 * The shape of one finding about an input file (a plan today), as every screen and `--json` shows it.
 * How it is drawn as text is the business of whoever prints it.
 */

export type DiagnosticSeverity = 'error' | 'warning';

/** One finding. `line` and `column` are 1-based; columns count UTF-16 units, like editors do. */
export interface Diagnostic {
  /** Stable: `P020` always means an unknown dependency. */
  readonly code: string;
  readonly severity: DiagnosticSeverity;
  /** As the reader named it, not resolved. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** Exclusive end on the same line; absent when a finding marks one place only. */
  readonly endColumn?: number | undefined;
  readonly message: string;
  /** What to write instead, or what to run. */
  readonly help?: string | undefined;
}
