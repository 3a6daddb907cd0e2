/** Tasks of batches by state, also of those whose tasks were trimmed: these are what their summaries say. Reads only. */

import type { RunSummary, TaskCounts } from '../../contract/index.ts';
import { countTasks, decodeJson, listTrimmedRuns } from '../../store/index.ts';
import type { Db } from '../../store/index.ts';

export async function countBatchTasks(db: Db, ids: readonly string[]): Promise<ReadonlyMap<string, TaskCounts>> {
  const counts = await countTasks(db, ids);
  const gone = ids.filter((id) => counts.get(id)?.total === 0);
  const kept = gone.length === 0 ? [] : await listTrimmedRuns(db, gone);
  return new Map([...counts, ...kept.map((run) => [run.batch_id, decodeJson<RunSummary>(run.summary).tasks] as const)]);
}
