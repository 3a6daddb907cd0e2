/** More of each model (its files, its tier, who holds it, why it failed), and the downloads that go on. */

import type { Migration } from './migration.ts';

export const modelsOfTheHub: Migration = {
  version: 11,
  name: 'models of the hub',
  statements: ({ int, text, keyedTableEnd }) => [
    `alter table model add column tier ${int}`,
    `alter table model add column files ${text}`,
    `alter table model add column hosts ${text}`,
    `alter table model add column reason ${text}`,
    `create table model_download (
      model ${text} primary key,
      reference ${text} not null,
      revision ${text} not null,
      host ${text} not null,
      fetch_order ${text} not null,
      started_at ${int} not null
    ) ${keyedTableEnd}`,
  ],
};
