/** The answers of decide tasks, what the brain thinks of an attempt's output, and the model slot that an attempt holds. */

import type { Migration } from './migration.ts';

export const answersScoresAndSlots: Migration = {
  version: 6,
  name: 'answers, scores and slots',
  statements: ({ int, text }) => [
    `alter table task add column answer ${text}`,
    `alter table attempt add column score ${int}`,
    `alter table attempt add column score_reason ${text}`,
    `alter table attempt add column slot ${text}`,
  ],
};
