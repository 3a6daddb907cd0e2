/** Finds the folder of a plan by path or by name, and reads what lies in it. Needs no daemon. */

import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { didYouMean } from '../../../kernel/nearest.ts';
import { AppError } from '../../../contract/errors.ts';
import type { KnownPlan } from '../../../plans/library.ts';
import { VERSION_FOLDERS } from '../../../plans/version-folders.ts';
import type { CliContext } from '../../context.ts';

interface PlanFolder {
  readonly folder: string;
  readonly text: string;
  /** Paths below the folder that the plan may name: `scripts/…`, `lib/…`, `schemas/…`. */
  readonly files: readonly string[];
}

/** The folder of a path (also of its plan.md) or of a name. Rejects with PLAN_NOT_FOUND. */
export async function findPlan(context: CliContext, plan: string): Promise<string> {
  const path = resolve(context.cwd, plan);
  if (isPlanFolder(path)) return path;
  if (basename(path) === 'plan.md' && existsSync(path)) return dirname(path);
  const known = await knownPlans(context);
  const named = known.find(({ name }) => name === plan);
  if (named) return named.folder;
  if (existsSync(path)) throw noPlan(`${path} has no plan.md`, 'run "drover plan new FOLDER" for a first one');
  const names = known.map(({ name }) => name);
  throw noPlan(
    `there is no plan at ${path}, and none is named "${plan}"`,
    didYouMean(plan, names) ?? 'run "drover plan ls"',
  );
}

export function readPlan(folder: string): PlanFolder {
  const text = readFileSync(join(folder, 'plan.md'), 'utf8');
  return { folder, text, files: VERSION_FOLDERS.flatMap((part) => filesBelow(folder, part)) };
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
  return existsSync(join(path, 'plan.md'));
}

function filesBelow(folder: string, part: string): string[] {
  const root = join(folder, part);
  if (!existsSync(root)) return [];
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => join(part, name))
    .filter((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.isFile() === true);
}
