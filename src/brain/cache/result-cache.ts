/**
 * Tasks with `cache: inputs`: whether one may be left out because it was done before with the same inputs, its products
 * put where they belong, and what was made kept for the next time. Files are read here, beside the turns.
 */

import { constants } from 'node:fs';
import { copyFile, cp, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';

import { groupBy } from '../../kernel/index.ts';
import type { Clock, Log } from '../../kernel/index.ts';
import { decodeJson, encodeJson, findResults, findTask, latestResults, saveResults } from '../../store/index.ts';
import type { CachedResult, Store } from '../../store/index.ts';
import type { Known } from '../known.ts';
import type { Checked, Gathered } from './checked.ts';
import { createFileHashes } from './file-hashes.ts';
import type { Seen } from './file-hashes.ts';
import { createGathering } from './gather.ts';
import { changedOf, keyOf } from './inputs.ts';
import type { Inputs } from './inputs.ts';

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

interface Product extends Seen {
  readonly name: string;
  /** Where it lay when it was kept last. */
  readonly file: string;
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
    const results = await store.read((db) =>
      findResults(
        db,
        found.map(({ key }) => key),
      ),
    );
    const byKey = new Map(results.map((row) => [row.key, row]));
    const latest = await store.read((db) =>
      latestResults(
        db,
        planPath,
        found.flatMap(({ known, key }) => (byKey.has(key) ? [] : [known.name])),
      ),
    );
    const again: NewResult[] = [];
    const verdicts = await inGroups(found, async ({ known, gathered, key }): Promise<CacheVerdict> => {
      const row = byKey.get(key);
      const run = (because: string | null): CacheVerdict => ({
        kind: 'run',
        id: known.id,
        checked: { gathered, key, because },
      });
      if (!row || !gathered) return run(whyAgain(latest.get(known.name), gathered?.inputs ?? {}));
      const products = await restore(decodeJson<readonly Product[]>(row.products), gathered);
      if (typeof products === 'string') return run(products);
      const { made_at: _, ...kept } = row;
      again.push({ ...kept, batch_id: batch.id, products: encodeJson(products) });
      return { kind: 'reused', id: known.id, from: row.batch_id, answer: row.answer };
    });
    await store.write((tx) => saveResults(tx, again));
    return verdicts;
  }

  /** Puts the products of an earlier batch where this one has them; answers why not when one is not what it was. */
  async function restore(products: readonly Product[], { products: wanted }: Gathered): Promise<Product[] | string> {
    const restored: Product[] = [];
    for (const { name, path } of wanted) {
      const product = products.find((one) => one.name === name);
      const seen = product && (await files.confirm(product.file, product));
      if (!product || seen?.hash !== product.hash) return `${name} is not there any more as it was made`;
      if (product.file !== path) await copy(product, path);
      const look = product.file === path ? seen : await files.confirm(path, { hash: '', look: null });
      if (look?.hash !== product.hash) return `${name} could not be copied`;
      restored.push({ name, file: path, ...look });
    }
    return restored;
  }

  async function keepNow(known: Known): Promise<void> {
    const { checked, batch, name } = known;
    if (!checked?.gathered) return;
    const products: Product[] = [];
    for (const product of checked.gathered.products) {
      const seen = await files.hash(product.path);
      if (!seen) return;
      products.push({ name: product.name, file: product.path, ...seen });
    }
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

function whyAgain(before: CachedResult | undefined, now: Inputs): string | null {
  return before === undefined ? null : changedOf(decodeJson<Inputs>(before.inputs), now);
}

async function inGroups<T, R>(list: readonly T[], each: (entry: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  for (let from = 0; from < list.length; from += AT_ONCE) {
    results.push(...(await Promise.all(list.slice(from, from + AT_ONCE).map(each))));
  }
  return results;
}

/** Copied, not linked: a later task may write into it. */
async function copy({ file, look }: Product, path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  if (look === null) await cp(file, path, { recursive: true });
  else await copyFile(file, path, constants.COPYFILE_FICLONE);
}
