/** Programs that outlive whoever started them: launch, adoption, exit records, signals to a whole tree. */

export { createProcessTrees } from './process-trees.ts';
export type { ProcessTrees } from './process-trees.ts';
export { createDetachedPrograms } from './programs.ts';
export type { DetachedPrograms, Inspection, LaunchResult } from './programs.ts';
export type { LaunchSpec, Redirection } from './launch-spec.ts';
export type { Ending } from './record.ts';
export { anyProgramRuns } from './recorded-programs.ts';
export {
  groupLives,
  groupMembers,
  isAlive,
  killTree,
  markedProcesses,
  signalGroup,
  signalTree,
  survivors,
} from './tree.ts';
export type { Marker } from './tree.ts';
