/** All migrations, oldest first. To add one: write `NNN-what-it-does.ts`, append it here, and amend `schema.ts`. */

import { firstTables } from './001-first-tables.ts';
import { observedInstances } from './002-observed-instances.ts';
import { rememberedDevices } from './003-devices.ts';
import { planRuns } from './004-plan-runs.ts';
import { flowOfBatches } from './005-flow-of-batches.ts';
import { answersScoresAndSlots } from './006-answers-scores-and-slots.ts';
import { incidentsAndEscalations } from './007-incidents-and-escalations.ts';
import { devicesAndLearnedMemory } from './008-devices-and-learned-memory.ts';
import { approvalsAndBenches } from './009-approvals-and-benches.ts';
import { modelPlacements } from './010-model-placements.ts';
import { modelsOfTheHub } from './011-models-of-the-hub.ts';
import { keys } from './012-keys.ts';
import { inferenceTasks } from './013-inference-tasks.ts';
import { tasksInOrder } from './014-tasks-in-order.ts';
import { leasesInMemory } from './015-leases-in-memory.ts';
import { objectionsToPatches } from './016-objections-to-patches.ts';
import { goalsOfBatches } from './017-goals-of-batches.ts';
import type { Migration } from './migration.ts';

export { POSTGRES_WORDS, SQLITE_WORDS } from './migration.ts';
export type { Migration } from './migration.ts';

export const MIGRATIONS: readonly Migration[] = [
  firstTables,
  observedInstances,
  rememberedDevices,
  planRuns,
  flowOfBatches,
  answersScoresAndSlots,
  incidentsAndEscalations,
  devicesAndLearnedMemory,
  approvalsAndBenches,
  modelPlacements,
  modelsOfTheHub,
  keys,
  inferenceTasks,
  tasksInOrder,
  leasesInMemory,
  objectionsToPatches,
  goalsOfBatches,
];
