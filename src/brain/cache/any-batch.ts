/** A task as it is whatever the batch, so that two batches give one text; and where its places lie in one of them. Pure. */

import { resolve } from 'node:path';

import { renderTask } from '../../plans/index.ts';
import type { CompiledNode, RenderedTask } from '../../plans/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Known } from '../known.ts';

export interface AnyBatch {
  /** Null when it cannot be rendered. */
  render(node: CompiledNode, item: Known['item']): RenderedTask | null;
  /** A path of any batch in this one. */
  placeOf(path: string): string;
}

/** No text has these by chance. */
const ANY = { batchId: 'THIS-BATCH', batchPath: '/THIS-BATCH' } as const;

export function anyBatch({ plan, builtins }: Pick<ActiveBatch, 'plan' | 'builtins'>): AnyBatch {
  const { batchId, batchPath } = builtins;
  const places = { ...builtins, ...ANY };
  return {
    render(node, item) {
      const result = renderTask({ plan, node, builtins: places, ...(item ? { item } : {}) });
      return result.kind === 'rendered' ? result.task : null;
    },
    placeOf: (path) => resolve(batchPath, path.replaceAll(ANY.batchPath, batchPath).replaceAll(ANY.batchId, batchId)),
  };
}
