/** What was last observed of an instance, its config as written, and its health checks. */

import type { Migration } from './migration.ts';

export const observedInstances: Migration = {
  version: 2,
  name: 'observed instances',
  statements: ({ int, text, identity, tableEnd }) => [
    `alter table instance add column config ${text}`,
    `alter table instance add column drained ${int} not null default 0`,
    `alter table instance add column ephemeral ${int} not null default 0`,
    `alter table instance add column report ${text}`,
    `alter table instance add column reported_at ${int}`,

    `create table instance_probe (
      id ${identity},
      instance ${text} not null,
      at ${int} not null,
      health ${text} not null,
      detail ${text},
      latency_ms ${int} not null
    ) ${tableEnd}`,
    `create index instance_probe_instance on instance_probe (instance, id)`,
  ],
};
