/** `drover plan …`: plans on disk, without a daemon. */

import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

import { AppError } from '../../contract/errors.ts';
import { EXIT } from '../../contract/exit-codes.ts';
import { printJson } from '../context.ts';
import type { CliContext } from '../context.ts';
import { renderTable } from '../table.ts';
import { batchConfig } from './batch-config.ts';
import type { ConfigFlags } from './batch-config.ts';
import { findPlan, knownPlans, readPlan } from './plan-folder.ts';
import { showDiagnostics } from './show-diagnostics.ts';

interface JsonFlag {
  readonly json: boolean;
}

export async function lint(this: CliContext, flags: JsonFlag, plan: string): Promise<void> {
  const { hasErrors, lintPlan, parsePlan } = await import('../../plans/index.ts');
  const { text, files } = readPlan(findPlan(this, plan));
  const diagnostics = lintPlan(parsePlan({ file: 'plan.md', text }), { files });
  await showDiagnostics(this, { diagnostics, source: text, json: flags.json });
  if (hasErrors(diagnostics)) return this.end(EXIT.invalidFile);
  if (!flags.json) this.out.line(diagnostics.length === 0 ? 'plan.md: no problems' : 'plan.md: no errors');
}

/** Every task with its command after substitution; writes nothing. */
export async function dryRun(this: CliContext, flags: JsonFlag & ConfigFlags, plan: string): Promise<void> {
  const { compilePlan, parsePlan } = await import('../../plans/index.ts');
  const { renderDryRun } = await import('./dry-run.ts');
  const { folder, text, files } = readPlan(findPlan(this, plan));
  const result = compilePlan(parsePlan({ file: 'plan.md', text }), { config: batchConfig(flags, this.cwd), files });
  if (result.kind === 'rejected') {
    await showDiagnostics(this, { diagnostics: result.diagnostics, source: text, json: flags.json });
    return this.end(EXIT.invalidFile);
  }
  await renderDryRun(this, { plan: result.plan, folder, json: flags.json });
}

export async function ls(this: CliContext, flags: JsonFlag): Promise<void> {
  const plans = knownPlans(this);
  if (flags.json) return printJson(this, plans);
  if (plans.length === 0) return this.out.line(`no plans in ${join(this.cwd, 'plans')} or ${this.paths.plans}`);
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

export function create(this: CliContext, _flags: object, folder: string): void {
  const path = resolve(this.cwd, folder);
  const file = join(path, 'plan.md');
  if (existsSync(file)) throw new AppError('IDEMPOTENCY_CONFLICT', `${file} exists`, { hint: 'choose another folder' });
  mkdirSync(join(path, 'scripts'), { recursive: true });
  writeFileSync(file, firstPlan(basename(path)));
  this.out.line(file);
  this.err.line(`next: drover plan lint ${folder}`);
}

function firstPlan(name: string): string {
  return `# Plan: ${name}

## Objective

Say in a sentence what shall exist when the plan has run.

## Inputs

- **GREETING** (string, default "hello"): what to say

## Tasks

### list

- **task_class**: cpu
- **timeout**: 1m
- **produces**: results/words.json

\`\`\`bash
mkdir -p results
printf '{"words": [{"id": "one"}, {"id": "two"}]}' > results/words.json
\`\`\`

### say

- **task_class**: cpu
- **depends_on**: list
- **foreach**: results/words.json:words
- **timeout**: 1m
- **command**: \`echo {GREETING} {ITEM.id}\`
`;
}
