/** Draws the situation from the book, the agents' devices and the instances. Reads only. */

import type { DeviceReport } from '../../contract/index.ts';
import { addToGroup } from '../../kernel/index.ts';
import type { Book } from '../book.ts';
import { heldBy } from '../book.ts';
import { NO_MODEL } from '../known.ts';
import type { AgentPort, ModelsPort } from '../ports.ts';
import type { WaitingWork } from '../dispatch/ready-queue.ts';
import type { Card, ModelWork, Placement, ScriptWork, ServedInstance, Serving, Situation } from './situation.ts';

/** How long a slot is taken to be busy with one task of a model before the first has ended. */
const FIRST_TASK_MS = 10_000;

interface SurveyDeps {
  readonly agents: Pick<AgentPort, 'devices'>;
  readonly models: Pick<ModelsPort, 'host' | 'instances' | 'loadable'>;
}

/** What the placements remember between two looks. */
interface Memory {
  readonly pending: readonly Placement[];
  readonly refused: ReadonlySet<string>;
  readonly taskMs: (model: string) => number | null;
  readonly idleSince: (instance: ServedInstance) => number | null;
}

/** True when a look could find anything to do: it is asked after every turn. */
export function isWorthALook({ queue }: Book): boolean {
  return queue.lanes().some(({ kind }) => kind === 'ask' || kind === 'slot' || kind === 'script');
}

export function survey(book: Book, { agents, models }: SurveyDeps, memory: Memory, now: number): Situation {
  const waiting = book.queue.waiting();
  const instances = models.instances();
  return {
    now,
    work: modelWork(waiting, memory),
    scripts: scriptWork(waiting),
    cards: agents.devices(models.host).map((device) => toCard(device, book, models.host, instances)),
    instances: instances.map((instance): Serving => ({ ...instance, idleSince: memory.idleSince(instance) })),
    loadable: (model) => models.loadable(model),
    pending: memory.pending,
    refused: memory.refused,
  };
}

function modelWork(waiting: readonly WaitingWork[], { taskMs }: Memory): ModelWork[] {
  const byModel = new Map<string, WaitingWork[]>();
  for (const work of waiting) {
    if (!('model' in work.lane) || work.lane.model === NO_MODEL) continue;
    addToGroup(byModel, work.lane.model, work);
  }
  return [...byModel].map(([model, parts]) => ({
    model,
    waiting: parts.reduce((sum, { count }) => sum + count, 0),
    batches: new Set(parts.map(({ batchId }) => batchId)),
    oldestAt: Math.min(...parts.map(({ since }) => since)),
    taskMs: taskMs(model) ?? FIRST_TASK_MS,
  }));
}

function scriptWork(waiting: readonly WaitingWork[]): ScriptWork[] {
  return waiting.flatMap(({ lane, batchId, count }) =>
    lane.kind === 'script' ? [{ batchId, memoryBytes: lane.memoryBytes, waiting: count }] : [],
  );
}

/** What tasks hold is known here sooner than it is reported. */
function toCard(device: DeviceReport, book: Book, host: string, instances: readonly ServedInstance[]): Card {
  const { id, kind, totalBytes, taskBudgetBytes, loadGroup, roles, condition } = device;
  const taskBytes = heldBy(book, host)
    .filter(({ charge, task }) => (task.status.kind === 'running' ? task.status.device : charge?.device) === id)
    .reduce((sum, { task }) => sum + task.memoryBytes, 0);
  return {
    id,
    isCpu: kind === 'cpu',
    totalBytes,
    taskBudgetBytes,
    instanceBytes: instances.reduce((sum, instance) => sum + bytesOn(instance, id), 0),
    taskBytes,
    loadGroup,
    isOpen: roles.includes('instances') && condition === 'normal',
  };
}

/** Spread evenly over its devices, as far as is known; asleep or failed ones hold nothing. */
function bytesOn({ state, devices, memoryBytes }: ServedInstance, device: string): number {
  return state === 'other' || !devices.includes(device) ? 0 : memoryBytes / devices.length;
}
