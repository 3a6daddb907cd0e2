/**
 * Reads the list of a foreach template from the batch folder, piece by piece, and keeps its chunks in the store as they
 * come, so that no list is whole in memory. What is wrong with it is the template's failure.
 */

import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';

import { hasCode } from '../../kernel/index.ts';
import { createItemReader, renderForeach } from '../../plans/index.ts';
import type { ForeachList } from '../../plans/index.ts';
import { keepChunks } from '../../store/index.ts';
import type { ManifestChunk, Store } from '../../store/index.ts';
import type { Known } from '../known.ts';
import { createChunking } from './items.ts';

/** A list that is to be frozen with its last chunks, the earlier ones being kept; or why there is none. */
export type ReadList =
  | { readonly kind: 'listed'; readonly chunks: readonly ManifestChunk[]; readonly total: number }
  | { readonly kind: 'failed'; readonly reason: string };

/** Chunks that are kept in one write; a list of no more needs none of its own. */
const KEPT_TOGETHER = 32;

/** Null when the attempt was over before the end of the list. Never rejects. */
export async function readList(
  { id, batch, node, task }: Known,
  store: Pick<Store, 'write'>,
): Promise<ReadList | null> {
  const { plan, builtins } = batch;
  const rendered = renderForeach({ plan, node, builtins });
  if (rendered.kind === 'unrenderable') return { kind: 'failed', reason: rendered.reason };
  const { source } = rendered;
  const grouping = node.batchSize === undefined ? {} : { batchSize: node.batchSize };
  const list = { template: node.name, source, taken: new Set(batch.nodes.keys()), ...grouping };
  const holder = { template: id, attempt: task.attempt };
  try {
    return await readItems(list, resolve(builtins.batchPath, source.path), (chunks) =>
      store.write((tx) => keepChunks(tx, holder, chunks)),
    );
  } catch (error) {
    return { kind: 'failed', reason: unreadable(source.path, error) };
  }
}

/** `keep` answers whether the attempt still goes on. */
async function readItems(
  list: ForeachList,
  path: string,
  keep: (chunks: readonly ManifestChunk[]) => Promise<boolean>,
): Promise<ReadList | null> {
  const reader = createItemReader(list);
  const chunking = createChunking();
  let unkept: ManifestChunk[] = [];
  for await (const piece of createReadStream(path, 'utf8')) {
    const items = reader.push(String(piece));
    if (typeof items === 'string') return { kind: 'failed', reason: items };
    unkept.push(...chunking.push(items));
    if (unkept.length < KEPT_TOGETHER) continue;
    if (!(await keep(unkept))) return null;
    unkept = [];
  }
  const items = reader.end();
  if (typeof items === 'string') return { kind: 'failed', reason: items };
  unkept.push(...chunking.push(items));
  const { chunks, total } = chunking.end();
  return { kind: 'listed', chunks: [...unkept, ...chunks], total };
}

function unreadable(path: string, error: unknown): string {
  if (hasCode(error, 'ENOENT')) return `the list ${path} does not exist`;
  return `the list ${path} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
}
