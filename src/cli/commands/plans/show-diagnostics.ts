/** Prints the diagnostics of a plan: with caret for people on stderr, as JSON on stdout. */

import type { Diagnostic } from '../../../contract/diagnostics.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

interface ShownDiagnostics {
  readonly diagnostics: readonly Diagnostic[];
  /** The text of the plan. */
  readonly source: string;
  readonly json: boolean;
}

export async function showDiagnostics(
  context: CliContext,
  { diagnostics, source, json }: ShownDiagnostics,
): Promise<void> {
  if (json) return printJson(context, diagnostics.map(toRow));
  const { renderDiagnostics } = await import('../../../plans/index.ts');
  if (diagnostics.length > 0) context.err.line(renderDiagnostics(diagnostics, source));
}

/** As commands print one with --json. */
export function toRow({ code, severity, file, line, column, message, help }: Diagnostic): object {
  return { code, severity, file, line, column, message, help: help ?? null };
}
