/** The plans that have a name: the folders with a plan.md below some others. Reads directories and nothing else. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface KnownPlan {
  readonly name: string;
  /** Of an uploaded plan, the version that came last. */
  readonly folder: string;
}

/** Of two plans with one name the one in the earlier folder counts; folders that are not there have none. */
export async function listPlans(folders: readonly string[]): Promise<KnownPlan[]> {
  const found = (await Promise.all(folders.map(plansBelow))).flat();
  const known = new Map<string, KnownPlan>();
  for (const plan of found) if (!known.has(plan.name)) known.set(plan.name, plan);
  return [...known.values()];
}

async function plansBelow(folder: string): Promise<KnownPlan[]> {
  const plans = (await namesIn(folder)).toSorted().map((name) => planNamed(name, join(folder, name)));
  return (await Promise.all(plans)).flat();
}

async function planNamed(name: string, folder: string): Promise<KnownPlan[]> {
  if ((await changedAt(join(folder, 'plan.md'))) !== null) return [{ name, folder }];
  const newest = await newestVersion(folder);
  return newest === null ? [] : [{ name, folder: newest }];
}

/** Uploaded plans lie in `NAME/DIGEST`. */
async function newestVersion(folder: string): Promise<string | null> {
  const versions = (await namesIn(folder)).filter((name) => /^[0-9a-f]{64}$/.test(name));
  const dated = await Promise.all(
    versions.map(async (version) => ({ version, at: await changedAt(join(folder, version, 'plan.md')) })),
  );
  const newest = dated
    .flatMap(({ version, at }) => (at === null ? [] : [{ version, at }]))
    .toSorted((a, b) => b.at - a.at)[0];
  return newest === undefined ? null : join(folder, newest.version);
}

function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}

/** Null when it is not there. */
async function changedAt(file: string): Promise<number | null> {
  try {
    return (await stat(file)).mtimeMs;
  } catch {
    return null;
  }
}
