/** What each batch came to, kept when the batch itself is trimmed, and which batches are. */

import type { Migration } from './migration.ts';

export const planRuns: Migration = {
  version: 4,
  name: 'plan runs',
  statements: ({ int, text, tableEnd }) => [
    `create table plan_run (
      batch_id ${text} primary key references batch (id),
      plan ${text} not null,
      folder ${text} not null,
      plan_path ${text} not null,
      status ${text} not null,
      created_at ${int} not null,
      ended_at ${int} not null,
      summary ${text} not null,
      trimmed_at ${int},
      swept_at ${int}
    ) ${tableEnd}`,
    `create index plan_run_plan on plan_run (plan, created_at)`,
    `create index plan_run_folder on plan_run (folder, created_at)`,
    `create index plan_run_path on plan_run (plan_path, created_at)`,
    `create index plan_run_unswept on plan_run (trimmed_at) where trimmed_at is not null and swept_at is null`,
  ],
};
