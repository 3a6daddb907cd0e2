/** A task that can move, as the brain keeps it in memory: what it is, what it needs before it may go, what it costs. */

import type { DeviceReport, SignalLevel } from '../contract/index.ts';
import { renderNames } from '../plans/index.ts';
import type { CompiledNode, ForeachItem } from '../plans/index.ts';
import type { TaskRecord } from '../store/index.ts';
import type { ActiveBatch } from './active-batch.ts';
import type { Checked } from './cache/checked.ts';
import type { Charge } from './dispatch/host-room.ts';
import type { Lane } from './dispatch/ready-queue.ts';
import { noPast } from './tasks/past.ts';
import type { Past } from './tasks/past.ts';
import { itemOfRow } from './templates/items.ts';
import { toTask } from './tasks/task-codec.ts';
import type { Task } from './tasks/task-state.ts';

/** Nothing serves it: the lane of tasks for which no model does. */
export const NO_MODEL = '';

/** A task that can move without a parent. */
export interface Known {
  readonly id: number;
  readonly name: string;
  readonly kind: 'task' | 'template';
  readonly template: string | null;
  /** What an item's task was made of, null for any other. */
  readonly item: ForeachItem | null;
  readonly priority: number;
  readonly batch: ActiveBatch;
  /** As it is in the plan, or as it was repaired since. */
  node: CompiledNode;
  task: Task;
  /** What the attempt under way costs its host, while one is. Null too after a restart: derived then. */
  charge: Charge | null;
  /** What a task with `cache: inputs` is made of; null until that has been looked at, and for any other. */
  checked: Checked | null;
  /** Hosts that can never take it. */
  readonly declinedBy: Set<string>;
  /** Held since before this controller's last start, and not yet confirmed by its agent. */
  inherited: boolean;
  /** Its attempt began under an earlier life of this controller: calls of its command may have found nobody. */
  outlived: boolean;
  /** What its earlier attempts leave for the next. */
  readonly past: Past;
  /** The last that the attempt under way was told to do. */
  told: Told | null;
}

/** What an attempt was told, by a person or for its silence. */
export interface Told {
  readonly cause: 'stuck' | 'person';
  readonly level: SignalLevel;
  /** By the store's clock. */
  readonly at: number;
}

/** A row as the book keeps it; throws when its plan has no such task. */
export function toKnown(batch: ActiveBatch, row: TaskRecord): Known {
  const node = batch.nodes.get(row.template ?? row.name);
  if (!node) throw new Error(`the plan of batch ${batch.id} has no task ${row.template ?? row.name}`);
  return {
    id: row.id,
    name: row.name,
    kind: row.kind,
    template: row.template,
    item: itemOfRow(row),
    priority: row.priority,
    batch,
    node,
    task: toTask(row),
    charge: null,
    checked: null,
    declinedBy: new Set(),
    inherited: false,
    outlived: false,
    past: noPast(),
    told: null,
  };
}

/** The model that a slot of is needed for it; null for any other task. */
export function modelNeededBy(known: Known): string | null {
  const lane = laneOf(known);
  return 'model' in lane ? lane.model : null;
}

/** What a task needs before it may go. */
export function laneOf(known: Known): Lane {
  const { node } = known;
  if (known.kind === 'template') return { kind: 'expand' };
  if (node.cache === 'inputs' && known.checked === null) return { kind: 'check' };
  if (node.type === 'meta') return { kind: 'place' };
  if (node.type !== 'shell') return { kind: 'ask', model: modelOf(known, node.model) };
  switch (node.taskClass) {
    case 'llm':
      return node.model === undefined ? { kind: 'cpu' } : { kind: 'slot', model: modelOf(known, node.model) };
    case 'script':
      return { kind: 'script', memoryBytes: known.task.memoryBytes };
    case 'meta':
      return { kind: 'meta' };
    case 'cpu':
      return { kind: 'cpu' };
    case 'brain':
      return { kind: 'home' };
  }
}

/** A model's name with values in place; as written when they are missing, which the rendering will then say. */
function modelOf(known: Known, written: string): string {
  const { item } = known;
  const { plan, builtins } = known.batch;
  try {
    return renderNames(written, { plan, builtins, ...(item ? { item } : {}) })[0] ?? written;
  } catch {
    return written;
  }
}

/** What an attempt of this task costs its host, when a pick has not said it. */
export function chargeOf(known: Known, devices: readonly DeviceReport[]): Charge {
  const lane = laneOf(known);
  const device = known.task.status.kind === 'running' ? known.task.status.device : null;
  const hasGpu = devices.some(({ kind }) => kind !== 'cpu');
  const memoryBytes = lane.kind === 'script' ? lane.memoryBytes : 0;
  const cores = lane.kind === 'cpu' || (lane.kind === 'script' && !hasGpu) ? 1 : 0;
  return { cores, memoryBytes, device };
}
