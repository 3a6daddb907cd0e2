/** Commands that people have allowed, and what benches have measured. */

import type { Migration } from './migration.ts';

export const approvalsAndBenches: Migration = {
  version: 9,
  name: 'approvals and benches',
  statements: ({ int, text, identity, tableEnd, keyedTableEnd }) => [
    // An empty task: the whole batch.
    `create table approval (
      batch_id ${text} not null references batch (id),
      task ${text} not null,
      command ${text} not null,
      primary key (batch_id, task, command)
    ) ${keyedTableEnd}`,
    `create table bench_result (
      id ${identity},
      kind ${text} not null,
      subject ${text} not null,
      result ${text} not null,
      measured_at ${int} not null
    ) ${tableEnd}`,
    `create index bench_result_subject on bench_result (kind, subject)`,
  ],
};
