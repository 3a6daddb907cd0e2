/**
 * The frozen items of a template's list: cut into chunks for the store, read from them by place, and kept on the row of
 * the task that was made of one. Nobody holds a whole list.
 */

import type { ForeachItem } from '../../plans/index.ts';
import { decodeJson, encodeJson, loadChunk } from '../../store/index.ts';
import type { Db, ManifestChunk, TaskRecord } from '../../store/index.ts';

/** Items in a chunk: what a window takes at a time. */
const CHUNK_ITEMS = 256;

/** Cuts items, as they come, into chunks. */
export function createChunking() {
  let open: ForeachItem[] = [];
  let first = 0;

  function close(): ManifestChunk {
    const chunk = { first, items: encodeJson(open) };
    first += open.length;
    open = [];
    return chunk;
  }

  return {
    /** The chunks that these items complete. */
    push(items: readonly ForeachItem[]): ManifestChunk[] {
      return items.flatMap((item) => (open.push(item) === CHUNK_ITEMS ? [close()] : []));
    },
    /** The last chunk, if there is one, and how many items there were. */
    end(): { readonly chunks: readonly ManifestChunk[]; readonly total: number } {
      const chunks = open.length === 0 ? [] : [close()];
      return { chunks, total: first };
    },
  };
}

function itemsOfChunk(chunk: ManifestChunk): readonly ForeachItem[] {
  return decodeJson<readonly ForeachItem[]>(chunk.items);
}

/** The items of a list from one place on, chunk by chunk. */
export async function* itemsFrom(db: Db, template: number, from: number): AsyncGenerator<readonly ForeachItem[]> {
  for (let next = from; ;) {
    const chunk = await loadChunk(db, template, next);
    const items = chunk ? itemsOfChunk(chunk).slice(next - chunk.first) : [];
    if (items.length === 0) return;
    yield items;
    next += items.length;
  }
}

/** At most `count` items of a list from one place on. */
export async function takeItems(db: Db, template: number, from: number, count: number): Promise<ForeachItem[]> {
  const taken: ForeachItem[] = [];
  if (count <= 0) return taken;
  for await (const items of itemsFrom(db, template, from)) {
    taken.push(...items.slice(0, count - taken.length));
    if (taken.length === count) break;
  }
  return taken;
}

type Kept = Pick<ForeachItem, 'value' | 'group'>;

/** What the row of an item's task keeps of it beside its key, place and name. */
export function encodeItem({ value, group }: ForeachItem): string {
  const kept: Kept = { value, ...(group === undefined ? {} : { group }) };
  return encodeJson(kept);
}

/** The item that a task was made of, null for any other task. */
export function itemOfRow({ name, item, item_key: key, item_index: index }: TaskRecord): ForeachItem | null {
  if (item === null || key === null || index === null) return null;
  return { key, index, name, ...decodeJson<Kept>(item) };
}
