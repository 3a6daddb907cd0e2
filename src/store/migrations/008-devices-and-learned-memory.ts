/** What was decided about devices, and how much memory the steps of plans were seen to use. */

import type { Migration } from './migration.ts';

export const devicesAndLearnedMemory: Migration = {
  version: 8,
  name: 'devices and learned memory',
  statements: ({ int, text, keyedTableEnd }) => [
    `create table device_policy (
      host ${text} not null,
      device ${text} not null,
      roles ${text},
      hold_kind ${text},
      hold_reason ${text},
      hold_until ${int},
      primary key (host, device)
    ) ${keyedTableEnd}`,
    `create table learned_memory (
      plan ${text} not null,
      step ${text} not null,
      peaks ${text} not null,
      updated_at ${int} not null,
      primary key (plan, step)
    ) ${keyedTableEnd}`,
    // Reports of an earlier form; the hosts tell them anew.
    `delete from device`,
  ],
};
