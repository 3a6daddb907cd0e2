/** What is repaired as data, what people are asked, what waits for either, and what attempts were told to do. */

import type { Migration } from './migration.ts';

export const incidentsAndEscalations: Migration = {
  version: 7,
  name: 'incidents and escalations',
  statements: ({ int, text, identity, tableEnd, keyedTableEnd }) => [
    `create table escalation (
      id ${identity},
      kind ${text} not null,
      topic ${text} not null,
      batch_id ${text},
      task ${text},
      question ${text} not null,
      choices ${text} not null,
      detail ${text} not null,
      status ${text} not null,
      answer ${text},
      answered_by ${text},
      suggestion ${text},
      opened_at ${int} not null,
      closed_at ${int}
    ) ${tableEnd}`,
    // One question is asked once, however often its cause comes again.
    `create unique index escalation_topic on escalation (topic) where status = 'open'`,
    `create index escalation_batch on escalation (batch_id)`,

    `create table escalation_delivery (
      escalation_id ${int} not null references escalation (id),
      hook ${text} not null,
      tries ${int} not null default 0,
      next_at ${int} not null,
      claimed_until ${int} not null default 0,
      delivered_at ${int},
      error ${text},
      primary key (escalation_id, hook)
    ) ${keyedTableEnd}`,

    `create table parked_task (
      task_id ${int} primary key references task (id),
      cause ${text} not null
    ) ${tableEnd}`,
    `create index parked_task_cause on parked_task (cause)`,

    `create table incident (
      id ${identity},
      batch_id ${text} not null references batch (id),
      step ${text} not null,
      fingerprint ${text} not null,
      class ${text} not null,
      sample ${text} not null,
      state ${text} not null,
      patch ${text},
      author ${text},
      proposals ${int} not null default 0,
      failures ${int} not null default 0,
      canary_task ${int},
      opened_at ${int} not null,
      closed_at ${int},
      unique (batch_id, fingerprint)
    ) ${tableEnd}`,
    `create index incident_open on incident (batch_id) where closed_at is null`,

    `create table spec_revision (
      batch_id ${text} not null references batch (id),
      step ${text} not null,
      revision ${int} not null,
      patch ${text} not null,
      author ${text} not null,
      incident_id ${int} not null references incident (id),
      accepted_at ${int} not null,
      primary key (batch_id, step, revision)
    ) ${keyedTableEnd}`,

    `create table attempt_signal (
      task_id ${int} not null references task (id),
      no ${int} not null,
      cause ${text} not null,
      level ${text} not null,
      told_at ${int} not null,
      primary key (task_id, no)
    ) ${keyedTableEnd}`,
  ],
};
