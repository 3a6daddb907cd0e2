/**
 * Tasks with `cache: inputs`: whether one may be left out because it was done before with the same inputs, its products
 * put where they belong, and what was made kept for the next time. Works beside the turns.
 */

import { groupBy } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { decodeJson, encodeJson, findResults, findTask, resultsOfTasks, saveResults } from '../../store/index.ts';
import type { CachedResult, Store } from '../../store/index.ts';
import type { Known } from '../known.ts';
import type { Checked } from './checked.ts';
import { createFileHashes } from './file-hashes.ts';
import { createGathering } from './gather.ts';
import { changedOf, keyOf, nearestTo } from './inputs.ts';
import type { Inputs } from './inputs.ts';
import { findProducts, restoreProducts } from './products.ts';

export type CacheVerdict =
  | { readonly kind: 'reused'; readonly id: number; readonly from: string; readonly answer: string | null }
  | { readonly kind: 'run'; readonly id: number; readonly checked: Checked };

interface ResultCacheDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly log: Log;
  readonly modelDigest: (model: string) => Promise<string | null>;
}

export interface ResultCache {
  /** One verdict for each. Never rejects: what cannot be checked runs. */
  check(tasks: readonly Known[]): Promise<CacheVerdict[]>;
  /** Keeps what a task has made that was checked before. Never rejects. */
  keep(known: Known): Promise<void>;
}

type NewResult = Omit<CachedResult, 'made_at'>;

/** Tasks whose files are looked at together. */
const AT_ONCE = 32;

export function createResultCache({ store, clock, log, modelDigest }: ResultCacheDeps): ResultCache {
  const files = createFileHashes(clock);
  const keeping = new Set<Promise<void>>();

  async function checkBatch(tasks: readonly Known[]): Promise<CacheVerdict[]> {
    const [first] = tasks;
    if (!first) return [];
    const { batch } = first;
    const planPath = batch.builtins.planPath;
    const gather = createGathering(batch, { store, files, modelDigest });
    const found = await inGroups(tasks, async (known) => {
      const gathered = await gather(known);
      return { known, gathered, key: gathered ? keyOf(planPath, known.name, gathered.inputs) : '' };
    });
    const { same, others } = await loadEarlier(planPath, found);
    const again: NewResult[] = [];
    const verdicts = await inGroups(found, async ({ known, gathered, key }): Promise<CacheVerdict> => {
      const row = same.get(key);
      const run = (because: string | null): CacheVerdict => ({
        kind: 'run',
        id: known.id,
        checked: { gathered, key, because },
      });
      if (!row || !gathered) return run(whyAgain(others.get(known.name), gathered?.inputs ?? {}));
      const products = await restoreProducts(decodeJson(row.products), gathered.products, files);
      if (typeof products === 'string') return run(products);
      const { made_at: _, ...kept } = row;
      again.push({ ...kept, batch_id: batch.id, products: encodeJson(products) });
      return { kind: 'reused', id: known.id, from: row.batch_id, answer: row.answer };
    });
    await store.write((tx) => saveResults(tx, again));
    return verdicts;
  }

  /** Results of the same inputs by key, and for those that have none all of the task by its name. */
  async function loadEarlier(planPath: string, wanted: readonly { readonly known: Known; readonly key: string }[]) {
    const keys = wanted.map(({ key }) => key);
    const same = new Map((await store.read((db) => findResults(db, keys))).map((row) => [row.key, row]));
    const changed = wanted.flatMap(({ known, key }) => (same.has(key) ? [] : [known.name]));
    return { same, others: await store.read((db) => resultsOfTasks(db, planPath, changed)) };
  }

  async function keepNow(known: Known): Promise<void> {
    const { checked, batch, name } = known;
    if (!checked?.gathered) return;
    const products = await findProducts(checked.gathered.products, files);
    if (!products) return;
    const row = known.node.type === 'decide' ? await store.read((db) => findTask(db, batch.id, name)) : null;
    const result = {
      key: checked.key,
      plan_path: batch.builtins.planPath,
      task: name,
      batch_id: batch.id,
      inputs: encodeJson(checked.gathered.inputs),
      products: encodeJson(products),
      answer: row?.answer ?? null,
    };
    await store.write((tx) => saveResults(tx, [result]));
  }

  return {
    async check(tasks) {
      await Promise.all(keeping);
      const verdicts: CacheVerdict[] = [];
      for (const group of groupBy(tasks, ({ batch }) => batch.id).values()) {
        try {
          verdicts.push(...(await checkBatch(group)));
        } catch (error) {
          log.warn({ err: error }, 'results of earlier runs could not be looked at');
          verdicts.push(...group.map((known) => ({ kind: 'run', id: known.id, checked: UNCHECKED }) as const));
        }
      }
      return verdicts;
    },
    async keep(known) {
      const kept = keepNow(known).catch((error: unknown) =>
        log.warn({ err: error, task: known.name }, 'a result could not be kept'),
      );
      keeping.add(kept);
      await kept;
      keeping.delete(kept);
    },
  };
}

const UNCHECKED: Checked = { gathered: null, key: '', because: null };

function whyAgain(before: readonly CachedResult[] | undefined, now: Inputs): string | null {
  const runs = before?.map(({ inputs }) => decodeJson<Inputs>(inputs)) ?? [];
  const nearest = nearestTo(now, runs);
  return nearest === undefined ? null : changedOf(nearest, now);
}

async function inGroups<T, R>(list: readonly T[], each: (entry: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < list.length; from += AT_ONCE) {
    results.push(...(await Promise.all(list.slice(from, from + AT_ONCE).map(each))));
  }
  return results;
}
