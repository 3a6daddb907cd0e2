/** `drover plan lint|fmt|dry-run|ls`: plans on disk, without a daemon. */

import { writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

import { packageVersion } from '../../../config/version.ts';
import type { Diagnostic } from '../../../contract/diagnostics.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderTable } from '../../table.ts';
import { batchConfig } from '../batches/batch-config.ts';
import type { ConfigFlags } from '../batches/batch-config.ts';
import { hostWords } from './host-words.ts';
import { findPlan, knownPlans, planFolders, readPlanFolder, readPlanText } from './plan-folder.ts';
import { tellWarnings } from './plan-warnings.ts';
import { showDiagnostics } from './show-diagnostics.ts';

interface JsonFlag {
  readonly json: boolean;
}

/** Findings that `plan fmt` mends. */
const FORMATTED = new Set(['P002', 'P003', 'P004']);

export async function lint(
  this: CliContext,
  flags: JsonFlag & { readonly sarif: boolean },
  plan: string,
): Promise<void> {
  const { hasErrors, lintPlan, parsePlan } = await import('../../../plans/index.ts');
  const folder = await findPlan(this, plan);
  const { text, checks } = await readPlanFolder(folder);
  const diagnostics = lintPlan(parsePlan({ file: 'plan.md', text }), { ...checks, ...(await hostWords(this)) });
  if (flags.sarif) await printSarif(this, diagnostics, folder);
  else await showDiagnostics(this, { diagnostics, source: text, json: flags.json });
  if (!flags.json && !flags.sarif) tellVerdict(this, diagnostics, plan);
  if (hasErrors(diagnostics)) this.end(EXIT.invalidFile);
}

async function printSarif(context: CliContext, diagnostics: readonly Diagnostic[], folder: string): Promise<void> {
  const { toSarif } = await import('../../../plans/index.ts');
  const path = relative(context.cwd, join(folder, 'plan.md')).split(sep).join('/');
  printJson(context, toSarif({ diagnostics, path, version: packageVersion() }));
}

function tellVerdict({ out, err }: CliContext, diagnostics: readonly Diagnostic[], plan: string): void {
  if (diagnostics.length === 0) return out.line('plan.md: no problems');
  const mended = diagnostics.filter(({ code }) => FORMATTED.has(code)).length;
  if (mended > 0) err.line(`\n"drover plan fmt ${plan}" mends ${mended} of these`);
  if (diagnostics.every(({ severity }) => severity !== 'error')) out.line('plan.md: no errors');
}

interface FormatFlags {
  readonly check: boolean;
  readonly stdout: boolean;
}

/** Writes the canonical form; with `--check` only says whether it is there. */
export async function fmt(this: CliContext, flags: FormatFlags, plan: string): Promise<void> {
  const { formatPlan } = await import('../../../plans/index.ts');
  const folder = await findPlan(this, plan);
  const text = readPlanText(folder);
  const formatted = formatPlan(text);
  const file = join(folder, 'plan.md');
  if (flags.stdout) return void (await this.out.send(formatted));
  if (formatted === text) return this.err.line(`${file}: as it should be`);
  if (!flags.check) {
    writeFileSync(file, formatted);
    return this.out.line(file);
  }
  this.out.line(`${file}: not in the canonical form; run "drover plan fmt ${plan}"`);
  this.end(EXIT.failed);
}

/** Every task with its command after substitution; writes nothing. */
export async function dryRun(this: CliContext, flags: JsonFlag & ConfigFlags, plan: string): Promise<void> {
  const { compilePlan, parsePlan, warningsOf } = await import('../../../plans/index.ts');
  const { renderDryRun } = await import('./dry-run.ts');
  const folder = await findPlan(this, plan);
  const { text, checks } = await readPlanFolder(folder);
  const config = batchConfig(flags, this.cwd);
  const result = compilePlan(parsePlan({ file: 'plan.md', text }), { config, ...checks, ...(await hostWords(this)) });
  if (result.kind === 'rejected') {
    await showDiagnostics(this, { diagnostics: result.diagnostics, source: text, json: flags.json });
    return this.end(EXIT.invalidFile);
  }
  await tellWarnings(this, plan, warningsOf(result.diagnostics));
  await renderDryRun(this, { plan: result.plan, folder, json: flags.json });
}

export async function ls(this: CliContext, flags: JsonFlag): Promise<void> {
  const plans = await knownPlans(this);
  if (flags.json) return printJson(this, plans);
  if (plans.length === 0) return this.out.line(`no plans in ${(await planFolders(this)).join(', ')}`);
  this.out.write(
    renderTable(
      [
        { title: 'NAME', cell: ({ name }) => name },
        { title: 'FOLDER', cell: ({ folder }) => folder },
      ],
      plans,
    ),
  );
}
