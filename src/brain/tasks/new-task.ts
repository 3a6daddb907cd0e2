/** The row that a compiled node begins as. */

import type { CompiledNode, ForeachItem } from '../../plans/index.ts';
import type { NewTask } from '../../store/index.ts';
import type { ActiveBatch } from '../active-batch.ts';
import { encodeItem } from '../templates/items.ts';
import { memoryCharge } from './learned-memory.ts';

/** Task priorities run from 0 to 10 within one of the batch. */
const PRIORITY_LEVELS = 11;

interface Placement {
  readonly id: number;
  readonly name: string;
  readonly template: string | null;
  readonly item: ForeachItem | null;
  /** Edges it waits for. */
  readonly pending: number;
}

export function toNewTask(batch: Pick<ActiveBatch, 'id' | 'priority'>, node: CompiledNode, at: Placement): NewTask {
  return {
    id: at.id,
    batchId: batch.id,
    name: at.name,
    kind: at.template === null ? node.kind : 'task',
    template: at.template,
    itemKey: at.item?.key ?? null,
    itemIndex: at.item?.index ?? null,
    item: at.item && encodeItem(at.item),
    type: node.type,
    class: node.taskClass,
    pending: at.pending,
    priority: batch.priority * PRIORITY_LEVELS + priorityOf(node),
    // What is learned meanwhile counts when it becomes ready.
    memoryBytes: memoryCharge(node, undefined),
  };
}

/** What is done to models goes before the work that waits for it. */
function priorityOf({ type, taskClass, priority }: CompiledNode): number {
  return type === 'meta' || taskClass === 'meta' ? PRIORITY_LEVELS - 1 : priority;
}
