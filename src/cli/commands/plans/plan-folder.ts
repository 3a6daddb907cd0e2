/** Finds the folder of a plan by path or by name, and reads what lies in it. Needs no daemon. */

import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { statIfThere } from '../../../kernel/files.ts';
import { didYouMean } from '../../../kernel/nearest.ts';
import { AppError } from '../../../contract/errors.ts';
import { EXIT } from '../../../contract/exit-codes.ts';
import type { KnownPlan } from '../../../plans/library.ts';
import type { LintContext } from '../../../plans/index.ts';
import type { CliContext } from '../../context.ts';
import { renderError } from '../../errors.ts';

interface PlanFolder {
  readonly text: string;
  /** What a submission would check the plan against, as far as it lies in the folder. */
  readonly checks: Pick<LintContext, 'files' | 'schemaFault'>;
}

interface FoundPlan {
  /** As the person named it. */
  readonly plan: string;
  readonly folder: string;
}

const FIRST_PLAN = 'run "drover plan new FOLDER" for a first one';

/** The folder of a path (also of its plan.md) or of a name. Rejects with PLAN_NOT_FOUND. */
export async function findPlan(context: CliContext, plan: string): Promise<string> {
  const path = resolve(context.cwd, plan);
  if (isPlanFolder(path)) return path;
  if (basename(path) === 'plan.md' && isPlanFolder(dirname(path))) return dirname(path);
  const known = await knownPlans(context);
  const named = known.find(({ name }) => name === plan);
  if (named) return named.folder;
  if (existsSync(path)) throw noPlan(`${path} has no plan.md`, FIRST_PLAN);
  const names = known.map(({ name }) => name);
  throw noPlan(
    `there is no plan at ${path}, and none is named "${plan}"`,
    didYouMean(plan, names) ?? 'run "drover plan ls"',
  );
}

/** Folders of several, each once, with what the person called it. What is no plan is told, and is the exit code. */
export async function findPlans(context: CliContext, plans: readonly string[]): Promise<FoundPlan[]> {
  const found = new Map<string, FoundPlan>();
  for (const plan of plans) {
    const folder = await findOrTell(context, plan);
    if (folder !== null && !found.has(folder)) found.set(folder, { plan, folder });
  }
  return [...found.values()];
}

async function findOrTell(context: CliContext, plan: string): Promise<string | null> {
  try {
    return await findPlan(context, plan);
  } catch (error) {
    if (!isUnknownPlan(error)) throw error;
    context.err.line(renderError(error, context.env));
    context.end(EXIT.notFound);
    return null;
  }
}

export function isUnknownPlan(error: unknown): boolean {
  return error instanceof AppError && error.code === 'PLAN_NOT_FOUND';
}

export function readPlanText(folder: string): string {
  return readFileSync(join(folder, 'plan.md'), 'utf8');
}

export async function readPlanFolder(folder: string): Promise<PlanFolder> {
  const [{ loadPlanFolder }, { schemaChecks }] = await Promise.all([
    import('../../../plans/load.ts'),
    import('../../../brain/reading/schema-faults.ts'),
  ]);
  const loaded = await loadPlanFolder(folder);
  if (loaded.kind === 'missing') throw noPlan(loaded.reason, FIRST_PLAN);
  const { source, files, texts } = loaded;
  return { text: source, checks: { files, ...(await schemaChecks(source, texts)) } };
}

/** Plans in `plans/` here, in the home, and in the folders of the setting `plan_folders`. */
export async function knownPlans(context: CliContext): Promise<KnownPlan[]> {
  const { listPlans } = await import('../../../plans/library.ts');
  return listPlans(await planFolders(context));
}

/** Where plans with a name are looked for, the first first. */
export async function planFolders({ cwd, env, paths }: CliContext): Promise<string[]> {
  const { loadSettings } = await import('../../../config/index.ts');
  const loaded = loadSettings({ home: paths.home, env });
  const configured = loaded.kind === 'loaded' ? loaded.settings.planFolders : [];
  return [join(cwd, 'plans'), paths.plans, ...configured];
}

function noPlan(message: string, hint: string): AppError {
  return new AppError('PLAN_NOT_FOUND', message, { hint });
}

function isPlanFolder(path: string): boolean {
  return statIfThere(join(path, 'plan.md'))?.isFile() === true;
}
