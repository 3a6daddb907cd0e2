/** Reads the list of a foreach template from the batch folder. What is wrong with it is the template's failure. */

import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { hasCode } from '../kernel/index.ts';
import { expandForeach, renderForeach } from '../plans/index.ts';
import type { ManifestChunk } from '../store/index.ts';
import type { Known } from './book.ts';
import { chunksOf } from './items.ts';

/** A list as it is frozen, or why there is none. */
export type ReadList =
  | { readonly kind: 'listed'; readonly chunks: readonly ManifestChunk[]; readonly total: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Never rejects. */
export async function readList({ batch, node }: Known): Promise<ReadList> {
  const { plan, builtins } = batch;
  const rendered = renderForeach({ plan, node, builtins });
  if (rendered.kind === 'unrenderable') return { kind: 'failed', reason: rendered.reason };
  const { source } = rendered;
  let text: string;
  try {
    text = await readFile(resolve(builtins.batchPath, source.path), 'utf8');
  } catch (error) {
    return { kind: 'failed', reason: unreadable(source.path, error) };
  }
  const { name: template, batchSize } = node;
  const grouping = batchSize === undefined ? {} : { batchSize };
  const expansion = expandForeach({ template, source, text, taken: new Set(batch.nodes.keys()), ...grouping });
  if (expansion.kind === 'failed') return expansion;
  return { kind: 'listed', chunks: chunksOf(expansion.items), total: expansion.items.length };
}

function unreadable(path: string, error: unknown): string {
  if (hasCode(error, 'ENOENT')) return `the list ${path} does not exist`;
  return `the list ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
