/**
 * Tells of plan folders that are edited while a batch of theirs runs: the batch goes by the version it began with, but
 * scripts are read from the folder. Looks now and then, and at the end of each batch; hashes only what has changed.
 */

import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { subject } from '../../contract/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { loadPlanFolder, VERSION_FOLDERS } from '../../plans/index.ts';
import { findBatch, listActiveBatches, loadPlanVersion } from '../../store/index.ts';
import type { BatchRecord, Store } from '../../store/index.ts';
import { versionDigest } from '../reading/read-plan.ts';

export interface PlanEditDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
}

interface PlanEdits {
  /** Looks at the active batches until the signal aborts. */
  watch(signal: AbortSignal): Promise<void>;
  /** Looks at one batch. */
  look(batchId: string): Promise<void>;
}

const LOOK_EVERY_MS = 30_000;

export function createPlanEdits({ store, clock, log }: PlanEditDeps): PlanEdits {
  /** By batch: what its folder looked like, and the version that was told of. */
  const seen = new Map<string, { readonly files: string; readonly version: string }>();

  async function lookAt(batch: BatchRecord): Promise<void> {
    const files = await appearanceOf(batch.plan_path);
    const before = seen.get(batch.id);
    if (before?.files === files) return;
    const version = await versionNow(batch);
    seen.set(batch.id, { files, version });
    if (version === (before?.version ?? batch.plan_digest)) return;
    log.warn({ batch: batch.id, folder: batch.plan_path }, 'a plan folder was edited while its batch runs');
    await store.write(async (tx) => {
      const data = { was: batch.plan_digest, is: version };
      tx.record({ type: 'plan.edited', subject: subject.batch(batch.id), data });
    });
  }

  /** Empty when the folder holds no plan any more. */
  async function versionNow(batch: BatchRecord): Promise<string> {
    const loaded = await loadPlanFolder(batch.plan_path);
    const compiled = await store.read((db) => loadPlanVersion(db, batch.plan_digest));
    return loaded.kind === 'missing' || compiled === null ? '' : versionDigest(loaded.digest, compiled);
  }

  return {
    async watch(signal) {
      while (!signal.aborted) {
        const active = await store.read(listActiveBatches);
        for (const batch of active) await lookAt(batch);
        const ids = new Set(active.map(({ id }) => id));
        for (const id of seen.keys()) if (!ids.has(id)) seen.delete(id);
        await clock.sleep(LOOK_EVERY_MS, signal).catch(() => {});
      }
    },
    async look(batchId) {
      const batch = await store.read((db) => findBatch(db, batchId));
      if (batch) await lookAt(batch);
      seen.delete(batchId);
    },
  };
}

/** Names, sizes and times of what makes up a version: changes whenever that does. */
async function appearanceOf(folder: string): Promise<string> {
  const below = await Promise.all(
    VERSION_FOLDERS.map(async (part) => {
      const names = await readdir(join(folder, part), { recursive: true }).catch(() => []);
      return names.map((name) => join(part, name));
    }),
  );
  const looks = ['plan.md', ...below.flat().toSorted()].map(async (name) => {
    const found = await stat(join(folder, name)).catch(() => null);
    return `${name}:${found?.size ?? -1}:${found?.mtimeMs ?? 0}`;
  });
  return (await Promise.all(looks)).join('\n');
}
