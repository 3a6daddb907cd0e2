/** Settings of plans: where they lie, what is kept of their runs, and who knows their secrets. */

import { folders, freeText, integer } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

export interface PlanSettings {
  readonly factsKeepDays: number;
  /** Further folders in which plans with a name lie. */
  readonly planFolders: readonly string[];
  /** Newest runs of each plan that are kept whole; 0: all. */
  readonly planRunsKeep: number;
  /** Null: none. */
  readonly secretCommand: string | null;
}

export const PLAN_SETTINGS: SettingTable<PlanSettings> = {
  factsKeepDays: {
    key: 'facts_keep_days',
    kind: integer(1, 36_500),
    about: 'Days for which facts are kept.',
    counts: 'live',
    fallback: () => 30,
  },
  planFolders: {
    key: 'plan_folders',
    env: 'DROVER_PLAN_FOLDERS',
    kind: folders,
    about: 'Further folders in which plans with a name lie, as absolute paths.',
    counts: 'live',
    fallback: () => [],
  },
  planRunsKeep: {
    key: 'plan_runs_keep',
    kind: integer(0, 1_000_000),
    about: 'Newest runs of each plan that are kept whole; of older ones only the summary stays. 0 keeps all.',
    counts: 'live',
    fallback: () => 0,
  },
  secretCommand: {
    key: 'secret_command',
    kind: freeText,
    about: 'A bash command that prints the value of the secret named by $1, or off.',
    counts: 'live',
    fallback: () => null,
  },
};
