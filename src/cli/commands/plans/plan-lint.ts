/** `drover plan lint`: what is wrong with plans on disk, without a daemon. */

import { join, relative, sep } from 'node:path';

import { packageVersion } from '../../../config/version.ts';
import type { Diagnostic } from '../../../contract/diagnostics.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { hostWords } from './host-words.ts';
import { findPlans, readPlanFolder } from './plan-folder.ts';
import { showDiagnostics, toRow } from './show-diagnostics.ts';

interface LintFlags {
  readonly json: boolean;
  readonly sarif: boolean;
}

interface Findings {
  /** As the person named it. */
  readonly plan: string;
  /** Its plan.md, from here. */
  readonly path: string;
  readonly text: string;
  readonly diagnostics: readonly Diagnostic[];
}

/** Findings that `plan fmt` mends. */
const FORMATTED = new Set(['P002', 'P003', 'P004']);

export async function lint(this: CliContext, flags: LintFlags, ...plans: readonly string[]): Promise<void> {
  const { hasErrors, lintPlan, parsePlan } = await import('../../../plans/index.ts');
  const words = await hostWords(this);
  const found: Findings[] = [];
  for (const { plan, folder } of await findPlans(this, plans)) {
    const { text, checks } = await readPlanFolder(folder);
    const path = relative(this.cwd, join(folder, 'plan.md')).split(sep).join('/');
    found.push({ plan, path, text, diagnostics: lintPlan(parsePlan({ file: path, text }), { ...checks, ...words }) });
  }
  // What was named is no plan, and that was told: no list of findings, which would read as a plan without any.
  if (found.length === 0) return;
  const diagnostics = found.flatMap((findings) => findings.diagnostics);
  if (flags.sarif) await printSarif(this, diagnostics);
  else if (flags.json) printJson(this, diagnostics.map(toRow));
  else await tell(this, found);
  if (hasErrors(diagnostics)) this.end(EXIT.invalidFile);
}

async function printSarif(context: CliContext, diagnostics: readonly Diagnostic[]): Promise<void> {
  const { toSarif } = await import('../../../plans/index.ts');
  printJson(context, toSarif({ diagnostics, version: packageVersion() }));
}

async function tell(context: CliContext, found: readonly Findings[]): Promise<void> {
  for (const { plan, path, text, diagnostics } of found) {
    await showDiagnostics(context, { diagnostics, source: text, json: false });
    tellVerdict(context, { plan, path, diagnostics });
  }
  const invalid = found.filter(({ diagnostics }) => diagnostics.some(isError)).length;
  if (found.length > 1 && invalid > 0) context.err.line(`\n${invalid} of ${found.length} plans have errors`);
}

function tellVerdict({ out, err }: CliContext, { plan, path, diagnostics }: Omit<Findings, 'text'>): void {
  if (diagnostics.length === 0) return out.line(`${path}: no problems`);
  const mended = diagnostics.filter(({ code }) => FORMATTED.has(code)).length;
  if (mended > 0) err.line(`\n"drover plan fmt ${plan}" mends ${mended} of these`);
  if (!diagnostics.some(isError)) out.line(`${path}: no errors`);
}

function isError({ severity }: Diagnostic): boolean {
  return severity === 'error';
}
