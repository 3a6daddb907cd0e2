/** Why a patch did not do, so that whoever is asked for the next one hears it, after a restart too. */

import type { Migration } from './migration.ts';

export const objectionsToPatches: Migration = {
  version: 16,
  name: 'objections to patches',
  statements: () => [`alter table incident add column objection text`],
};
