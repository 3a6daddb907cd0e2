/** Makes the book's part of repairs from the store: accepted patches in the plans, held steps, the patch of each canary. */

import type { CompiledShellNode } from '../../plans/index.ts';
import { decodeJson, listOpenIncidents, listSpecRevisions } from '../../store/index.ts';
import type { Db } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import type { Book } from '../book.ts';
import { holdStep } from './holds.ts';
import { patchNode } from './patch-node.ts';
import type { SpecPatch } from './spec-patch.ts';

/** Before the tasks of the batch are made known. */
export async function recallRevisions(db: Db, batch: ActiveBatch): Promise<void> {
  for (const { step, patch } of await listSpecRevisions(db, batch.id)) {
    const patched = patchedStep(batch, step, decodeJson<SpecPatch>(patch));
    if (patched) batch.nodes.set(step, patched);
  }
}

/** After the tasks are known. */
export async function recallHolds(db: Db, book: Book): Promise<void> {
  for (const incident of await listOpenIncidents(db)) {
    const batch = book.batches.get(incident.batch_id);
    if (!batch) continue;
    const canary = incident.state === 'canary' ? incident.canary_task : null;
    holdStep(book, batch, incident.step, { incident: incident.id, canary });
    const known = canary === null ? undefined : book.known.get(canary);
    const node =
      incident.patch === null ? null : patchedStep(batch, incident.step, decodeJson<SpecPatch>(incident.patch));
    if (known && node) known.node = node;
  }
}

function patchedStep(batch: ActiveBatch, step: string, patch: SpecPatch): CompiledShellNode | null {
  const node = batch.nodes.get(step);
  const result = node?.type === 'shell' ? patchNode(node, patch, batch.plan) : null;
  return result?.kind === 'patched' ? result.node : null;
}
