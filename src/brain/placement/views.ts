/** Loads and unloads as people see them: meta tasks of the batch `system`, which is in no table of batches. */

import { AppError } from '../../contract/index.ts';
import type { TaskDetailView, TaskView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import { listPlacements } from '../../store/index.ts';
import type { Db, PlacementRecord } from '../../store/index.ts';
import type { TaskFilter } from '../brain-api.ts';

/** What the brain does for all batches together. No batch id has this form. */
export const SYSTEM_BATCH = 'system';

/** Rejects with TASK_NOT_FOUND when there is none to begin behind. */
export async function placementTasks(db: Db, filter: TaskFilter): Promise<TaskView[]> {
  const { states, classes, after, limit } = filter;
  const rows = await listPlacements(db);
  const from = after === undefined ? 0 : rows.indexOf(named(rows, after)) + 1;
  return rows
    .slice(from)
    .filter(({ state }) => states?.includes(state) ?? true)
    .slice(0, classes?.includes('meta') === false ? 0 : limit)
    .map(toView);
}

/** Rejects with TASK_NOT_FOUND. */
export async function placementTask(db: Db, name: string): Promise<TaskDetailView> {
  const row = named(await listPlacements(db), name);
  return {
    ...toView(row),
    batch_id: SYSTEM_BATCH,
    template: null,
    item: null,
    command: `${row.action} ${row.model} ${row.target}`,
    depends_on: [],
    answer: null,
    attempt_list: [],
  };
}

function named(rows: readonly PlacementRecord[], name: string): PlacementRecord {
  const row = rows.find((placement) => nameOf(placement) === name);
  if (row) return row;
  throw new AppError('TASK_NOT_FOUND', `the brain has no task ${name}`, {
    hint: `run "drover task ls --batch ${SYSTEM_BATCH}"`,
    detail: { batch_id: SYSTEM_BATCH, task: name },
  });
}

function nameOf({ action, id }: PlacementRecord): string {
  return `${action}-${id}`;
}

function toView(row: PlacementRecord): TaskView {
  return {
    id: nameOf(row),
    status: row.state,
    type: 'meta',
    class: 'meta',
    attempts: 1,
    device: row.action === 'load_llm' ? row.target : null,
    started_at: isoTime(row.started_at),
    ended_at: isoTime(row.ended_at),
    exit_code: null,
    reason: row.reason ?? row.because,
  };
}
