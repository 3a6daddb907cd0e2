/** What the brain had loaded and unloaded, and why. */

import type { Migration } from './migration.ts';

export const modelPlacements: Migration = {
  version: 10,
  name: 'model placements',
  statements: ({ int, text, identity, tableEnd }) => [
    `create table placement (
      id ${identity},
      action ${text} not null,
      model ${text} not null,
      target ${text} not null,
      because ${text} not null,
      state ${text} not null,
      reason ${text},
      started_at ${int} not null,
      ended_at ${int}
    ) ${tableEnd}`,
    `create index placement_running on placement(id) where state = 'running'`,
  ],
};
