/** The native task API: requests that survive the controller, their sessions, and artifacts. */

import type { Migration } from './migration.ts';

export const inferenceTasks: Migration = {
  version: 13,
  name: 'inference tasks',
  statements: ({ int, text, tableEnd, keyedTableEnd }) => [
    `create table durable_request (
      id ${text} not null primary key,
      owner ${text} not null,
      idempotency_key ${text},
      digest ${text} not null,
      session ${text},
      model ${text} not null,
      ask ${text},
      face ${text} not null,
      reserved_tokens ${int} not null,
      accepted_at ${int} not null,
      deadline_at ${int},
      lives ${int} not null,
      told ${int} not null,
      ending ${text},
      code ${text},
      instance ${text},
      tokens_in ${int} not null,
      tokens_out ${int} not null,
      ended_at ${int},
      events ${text}
    ) ${tableEnd}`,
    `create unique index durable_request_key on durable_request(owner, idempotency_key)
      where idempotency_key is not null`,
    `create index durable_request_open on durable_request(accepted_at) where ended_at is null`,
    `create index durable_request_accepted on durable_request(accepted_at)`,
    `create index durable_request_ended on durable_request(ended_at) where ended_at is not null`,
    `create table inference_session (
      owner ${text} not null,
      id ${text} not null,
      turns ${int} not null,
      tokens_used ${int} not null,
      ms_used ${int} not null,
      budget_tokens ${int},
      budget_ms ${int},
      created_at ${int} not null,
      last_used_at ${int} not null,
      primary key (owner, id)
    ) ${keyedTableEnd}`,
    `create table artifact (
      owner ${text} not null,
      digest ${text} not null,
      size_bytes ${int} not null,
      content_type ${text} not null,
      created_at ${int} not null,
      primary key (owner, digest)
    ) ${keyedTableEnd}`,
  ],
};
