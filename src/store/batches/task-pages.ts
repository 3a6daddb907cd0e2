/** The tasks of a batch page by page; a template stands there while it has no items, then they do. Reads only. */

import type { TaskClass, TaskState } from '../../contract/index.ts';
import type { Db } from '../schema.ts';
import type { TaskRecord } from './tasks.ts';

/** What a list shows of a task: a third of its row, since lists are long. */
const LISTED = [
  'id',
  'name',
  'type',
  'class',
  'state',
  'attempt',
  'device',
  'started_at',
  'ended_at',
  'exit_code',
  'reason',
] as const satisfies readonly (keyof TaskRecord)[];

export type ListedTask = Pick<TaskRecord, (typeof LISTED)[number]>;

interface TaskPage {
  readonly states?: readonly TaskState[] | undefined;
  readonly classes?: readonly TaskClass[] | undefined;
  /** Only those behind this row. */
  readonly after?: number | undefined;
  /** So many at most; absent: all. */
  readonly limit?: number | undefined;
}

/** In the order of the plan. */
export async function pageOfTasks(
  db: Db,
  batchId: string,
  { states, classes, after, limit }: TaskPage,
): Promise<ListedTask[]> {
  return db
    .selectFrom('task')
    .select(LISTED)
    .where('batch_id', '=', batchId)
    .where((row) => row.or([row('kind', '=', 'task'), row('items_total', 'is', null), row('items_total', '=', 0)]))
    .$if(states !== undefined, (query) => query.where('state', 'in', states ?? []))
    .$if(classes !== undefined, (query) => query.where('class', 'in', classes ?? []))
    .$if(after !== undefined, (query) => query.where('id', '>', after ?? 0))
    .orderBy('id')
    .$if(limit !== undefined, (query) => query.limit(limit ?? 0))
    .execute();
}
