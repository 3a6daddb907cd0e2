/** Keys of the front door. */

import type { Migration } from './migration.ts';

export const keys: Migration = {
  version: 12,
  name: 'keys',
  statements: ({ int, text, keyedTableEnd }) => [
    `create table api_key (
      id ${text} not null primary key,
      name ${text} not null,
      hash ${text} not null,
      terms ${text} not null,
      created_at ${int} not null,
      expires_at ${int},
      revoked_at ${int},
      last_used_at ${int}
    ) ${keyedTableEnd}`,
  ],
};
