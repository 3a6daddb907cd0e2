/** The devices that each host told of last, so that they are known while its agent is away. */

import type { Migration } from './migration.ts';

export const rememberedDevices: Migration = {
  version: 3,
  name: 'devices',
  statements: ({ int, text, keyedTableEnd }) => [
    `create table device (
      host ${text} not null,
      position ${int} not null,
      report ${text} not null,
      seen_at ${int} not null,
      primary key (host, position)
    ) ${keyedTableEnd}`,
  ],
};
