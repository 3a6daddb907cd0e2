/** What the tasks that a task waits for have made: as recorded, or as it lies there. Kept for all tasks of one batch. */

import type { CompiledNode } from '../../plans/index.ts';
import { decodeJson, resultsOfBatch, resultsOfItems } from '../../store/index.ts';
import type { CachedResult, Store } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';
import { parentsOfItem } from '../templates/pairing.ts';
import type { AnyBatch } from './any-batch.ts';
import type { FileHashes } from './file-hashes.ts';
import { hashOf } from './inputs.ts';
import type { Product } from './products.ts';

interface ParentsMadeDeps extends AnyBatch {
  readonly store: Store;
  readonly files: FileHashes;
}

/** Named hashes, one for each parent. */
type ParentsMade = (known: Known) => Promise<[string, string][]>;

export function createParentsMade(batch: ActiveBatch, deps: ParentsMadeDeps): ParentsMade {
  const { store, files } = deps;
  const ofTemplate = new Map<string, Promise<string>>();

  function madeBy(parent: CompiledNode): Promise<string> {
    const found = ofTemplate.get(parent.name) ?? hashProducts(parent);
    ofTemplate.set(parent.name, found);
    return found;
  }

  async function hashProducts(parent: CompiledNode): Promise<string> {
    if (parent.kind === 'template') {
      const rows = await store.read((db) => resultsOfItems(db, batch.id, parent.name));
      return hashOf(rows.map((row) => `${row.task} ${productsOf(row)}\n`).join(''));
    }
    const paths = deps.render(parent, null)?.produces ?? [];
    const hashes = await Promise.all(paths.map((path) => files.hash(deps.placeOf(path))));
    return hashOf(hashes.map((seen) => seen?.hash ?? 'missing').join(' '));
  }

  async function madeByPairs({ node, item }: Known): Promise<[string, string][]> {
    const names = item ? parentsOfItem({ node, batch }, item).map(({ name }) => name) : [];
    if (names.length === 0) return [];
    const made = await store.read((db) => resultsOfBatch(db, batch.id, names));
    return names.map((name) => [`what ${name} made`, productsOf(made.get(name))]);
  }

  return async (known) => {
    const entries = await madeByPairs(known);
    for (const { on, perItem } of known.node.deps) {
      const parent = batch.nodes.get(on);
      if (perItem === undefined && parent) entries.push([`what ${on} made`, await madeBy(parent)]);
    }
    return entries;
  };
}

function productsOf(row: CachedResult | undefined): string {
  if (row === undefined) return 'unknown';
  const products = decodeJson<readonly Product[]>(row.products);
  return hashOf(products.map(({ name, hash }) => `${name} ${hash}\n`).join(''));
}
