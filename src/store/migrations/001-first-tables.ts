/** The first tables. Column meanings are in `schema.ts`. */

import type { Migration } from './migration.ts';

export const firstTables: Migration = {
  version: 1,
  name: 'first tables',
  statements: ({ int, text, identity, tableEnd, keyedTableEnd }) => [
    // `meta` itself is made by the migrator, which keeps the schema version in it.

    `create table fact (
      seq ${identity},
      at ${int} not null,
      type ${text} not null,
      subject ${text} not null,
      data ${text} not null
    ) ${tableEnd}`,
    `create index fact_subject on fact (subject, seq)`,

    `create table model (
      id ${text} primary key,
      state ${text} not null,
      path ${text} not null,
      size_bytes ${int} not null,
      sha256 ${text},
      architecture ${text},
      quantisation ${text},
      context_length ${int},
      parameters ${int},
      source ${text} not null,
      registered_at ${int} not null
    ) ${tableEnd}`,

    `create table instance (
      name ${text} primary key,
      desired ${text} not null,
      spec ${text},
      updated_at ${int} not null
    ) ${tableEnd}`,

    `create table agent (
      host ${text} primary key,
      epoch ${int} not null,
      pid ${int} not null,
      version ${text} not null,
      lease_until ${int} not null,
      seen_at ${int} not null
    ) ${tableEnd}`,

    `create table plan_version (
      digest ${text} primary key,
      name ${text} not null,
      compiled ${text} not null,
      created_at ${int} not null
    ) ${tableEnd}`,

    `create table batch (
      id ${text} primary key,
      plan_name ${text} not null,
      plan_digest ${text} not null references plan_version (digest),
      plan_path ${text} not null,
      path ${text} not null,
      status ${text} not null,
      priority ${int} not null,
      config ${text} not null,
      env ${text} not null,
      idempotency_key ${text} unique,
      created_at ${int} not null,
      started_at ${int},
      ended_at ${int},
      cancel_requested_at ${int}
    ) ${tableEnd}`,
    `create index batch_created on batch (created_at)`,
    `create index batch_active on batch (id) where status in ('running', 'paused')`,

    `create table task (
      id ${identity},
      batch_id ${text} not null references batch (id),
      name ${text} not null,
      kind ${text} not null,
      template ${text},
      item_key ${text},
      item_index ${int},
      item ${text},
      type ${text} not null,
      class ${text},
      state ${text} not null,
      pending ${int} not null default 0,
      remaining ${int},
      items_total ${int},
      next_index ${int},
      items_failed ${int} not null default 0,
      priority ${int} not null default 0,
      ready_at ${int},
      attempt ${int} not null default 0,
      failures ${int} not null default 0,
      free_attempts ${int} not null default 0,
      memory_bytes ${int} not null default 0,
      agent ${text},
      agent_epoch ${int},
      device ${text},
      pid ${int},
      leased_at ${int},
      started_at ${int},
      ended_at ${int},
      exit_code ${int},
      reason ${text},
      unique (batch_id, name)
    ) ${tableEnd}`,
    // Partial, so that what can move stays tiny however much history there is.
    `create index task_ready on task (priority desc, ready_at, id) where state = 'ready'`,
    `create index task_backoff on task (ready_at) where state = 'backoff'`,
    `create index task_held on task (agent, agent_epoch) where state in ('leased', 'running')`,
    `create index task_batch_state on task (batch_id, state)`,

    `create table edge (
      parent ${int} not null references task (id),
      child ${int} not null references task (id),
      condition ${text} not null,
      primary key (parent, child)
    ) ${keyedTableEnd}`,
    `create index edge_child on edge (child)`,

    `create table attempt (
      task_id ${int} not null references task (id),
      no ${int} not null,
      agent ${text} not null,
      epoch ${int} not null,
      device ${text},
      pid ${int},
      dir ${text} not null,
      leased_at ${int} not null,
      started_at ${int},
      ended_at ${int},
      result ${text},
      exit_code ${int},
      signal ${text},
      class ${text},
      reason ${text},
      tail ${text},
      peak_memory_bytes ${int},
      tokens_in ${int},
      tokens_out ${int},
      primary key (task_id, no)
    ) ${keyedTableEnd}`,

    `create table manifest (
      task_id ${int} primary key references task (id),
      items ${text} not null
    ) ${tableEnd}`,
  ],
};
