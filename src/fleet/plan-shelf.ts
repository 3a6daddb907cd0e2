/** The plans that have a name on the controller's host: those in its folders, and those that were uploaded to its home. */

import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, utimes } from 'node:fs/promises';
import { join } from 'node:path';

import { AppError, subject } from '../contract/index.ts';
import type { PlanDetailView, PlanView, UploadedPlanView } from '../contract/index.ts';
import { hasCode, unpackInto } from '../kernel/index.ts';
import type { Clock, UnpackLimits } from '../kernel/index.ts';
import { didYouMean } from '../kernel/nearest.ts';
import { listPlans, loadPlanFolder } from '../plans/index.ts';
import type { Store } from '../store/index.ts';

interface PlanShelfDeps {
  readonly store: Store;
  readonly clock: Clock;
  /** `$DROVER_HOME/plans`: where uploads go, and where names are looked up first. */
  readonly home: string;
  readonly folders: () => readonly string[];
}

export interface PlanShelf {
  list(): Promise<readonly PlanView[]>;
  /** Rejects with PLAN_NOT_FOUND. */
  find(name: string): Promise<PlanDetailView>;
  /** Keeps a folder, sent as a tar, in `NAME/DIGEST`. Rejects with INVALID_REQUEST or BODY_TOO_LARGE. */
  upload(name: string, tar: AsyncIterable<Buffer>): Promise<UploadedPlanView>;
}

const UPLOAD_LIMITS: UnpackLimits = { maxBytes: 256 * 1024 * 1024, maxEntries: 20_000 };

export function createPlanShelf({ store, clock, home, folders }: PlanShelfDeps): PlanShelf {
  const list = (): Promise<readonly PlanView[]> => listPlans([home, ...folders()]);

  async function keep(name: string, incoming: string): Promise<{ digest: string; folder: string; created: boolean }> {
    const loaded = await loadPlanFolder(incoming);
    if (loaded.kind === 'missing') {
      throw new AppError('INVALID_REQUEST', 'the archive has no plan.md', { hint: 'send a plan folder' });
    }
    const folder = join(home, name, loaded.digest);
    const created = await moveTo(incoming, folder);
    // The version that came last is the one that the name means.
    const now = new Date(clock.now());
    await utimes(join(folder, 'plan.md'), now, now);
    return { digest: loaded.digest, folder, created };
  }

  return {
    list,
    async find(name) {
      const plans = await list();
      const found = plans.find((plan) => plan.name === name);
      if (!found) throw noPlan(name, plans);
      const { digest } = await versionOf(found.folder);
      return { ...found, digest, text: await readFile(join(found.folder, 'plan.md'), 'utf8') };
    },
    async upload(name, tar) {
      const incoming = join(home, '.incoming', randomUUID());
      await mkdir(incoming, { recursive: true, mode: 0o700 });
      try {
        const { files, bytes } = await unpackInto(incoming, tar, UPLOAD_LIMITS);
        const kept = await keep(name, incoming);
        const data = { digest: kept.digest, files, bytes };
        await store.write(async (tx) => void tx.record({ type: 'plan.uploaded', subject: subject.plan(name), data }));
        return { name, ...kept };
      } finally {
        await rm(incoming, { recursive: true, force: true });
      }
    },
  };
}

async function versionOf(folder: string): Promise<{ readonly digest: string }> {
  const loaded = await loadPlanFolder(folder);
  return { digest: loaded.kind === 'loaded' ? loaded.digest : '' };
}

/** False when that version is there already. */
async function moveTo(from: string, to: string): Promise<boolean> {
  await mkdir(join(to, '..'), { recursive: true });
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, 'ENOTEMPTY') || hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

function noPlan(name: string, plans: readonly PlanView[]): AppError {
  const near = didYouMean(
    name,
    plans.map((plan) => plan.name),
  );
  return new AppError('PLAN_NOT_FOUND', `no plan here is named "${name}"`, {
    hint: near ?? 'run "drover plan ls", or submit its folder',
    detail: { plan: name },
  });
}
