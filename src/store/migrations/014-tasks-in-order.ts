/** The tasks of a batch in the order of its plan, for lists that are read page by page. */

import type { Migration } from './migration.ts';

export const tasksInOrder: Migration = {
  version: 14,
  name: 'tasks in order',
  statements: () => [`create index task_batch_order on task (batch_id, id)`],
};
