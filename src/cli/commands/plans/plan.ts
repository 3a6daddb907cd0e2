/** `drover plan fmt|dry-run|ls`: plans on disk, without a daemon. */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';
import { renderTable } from '../../table.ts';
import { batchConfig } from '../batches/batch-config.ts';
import type { ConfigFlags } from '../batches/batch-config.ts';
import { hostWords } from './host-words.ts';
import { findPlan, findPlans, knownPlans, planFolders, readPlanFolder, readPlanText } from './plan-folder.ts';
import { tellWarnings } from './plan-warnings.ts';
import { showDiagnostics } from './show-diagnostics.ts';

interface JsonFlag {
  readonly json: boolean;
}

interface FormatFlags {
  readonly check: boolean;
  readonly stdout: boolean;
}

/** Writes the canonical form; with `--check` only says whether it is there. */
export async function fmt(this: CliContext, flags: FormatFlags, ...plans: readonly string[]): Promise<void> {
  const { formatPlan } = await import('../../../plans/index.ts');
  const found = await findPlans(this, plans);
  if (flags.stdout && found.length > 1) {
    throw new AppError('INVALID_REQUEST', '--stdout prints one plan', { hint: 'name one, or leave --stdout out' });
  }
  for (const { plan, folder } of found) {
    const text = readPlanText(folder);
    const formatted = formatPlan(text);
    const file = join(folder, 'plan.md');
    if (flags.stdout) await this.out.send(formatted);
    else if (formatted === text) this.err.line(`${file}: as it should be`);
    else if (flags.check) tellUnformatted(this, file, plan);
    else write(this, file, formatted);
  }
}

function tellUnformatted(context: CliContext, file: string, plan: string): void {
  context.out.line(`${file}: not in the canonical form; run "drover plan fmt ${plan}"`);
  context.end(EXIT.failed);
}

function write({ out }: CliContext, file: string, formatted: string): void {
  writeFileSync(file, formatted);
  out.line(file);
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
