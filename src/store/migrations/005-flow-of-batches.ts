/** Lists of templates in chunks, items on their own rows, items that were left out, and results that are used again. */

import type { Migration } from './migration.ts';

export const flowOfBatches: Migration = {
  version: 5,
  name: 'flow of batches',
  statements: ({ int, text, tableEnd, keyedTableEnd }) => [
    `create table manifest_chunk (
      task_id ${int} not null references task (id),
      first_index ${int} not null,
      items ${text} not null,
      primary key (task_id, first_index)
    ) ${keyedTableEnd}`,
    `insert into manifest_chunk (task_id, first_index, items) select task_id, 0, items from manifest`,
    `drop table manifest`,

    `alter table task add column items_skipped ${int} not null default 0`,
    // Covers the counts of a batch by state.
    `drop index task_batch_state`,
    `create index task_batch_state on task (batch_id, state, kind)`,

    `create table cached_result (
      key ${text} primary key,
      plan_path ${text} not null,
      task ${text} not null,
      batch_id ${text} not null,
      inputs ${text} not null,
      products ${text} not null,
      answer ${text},
      made_at ${int} not null
    ) ${tableEnd}`,
    `create index cached_result_task on cached_result (plan_path, task, made_at)`,
  ],
};
