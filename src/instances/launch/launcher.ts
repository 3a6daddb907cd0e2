/** The port through which engines are started, watched and ended, and its form over detached programs. */

import { createProcessTrees, isAlive } from '../../kernel/detached/index.ts';
import type {
  DetachedPrograms,
  Ending,
  Inspection,
  LaunchResult,
  LaunchSpec,
  ProcessTrees,
} from '../../kernel/detached/index.ts';
import type { Clock, ProcessIdentity } from '../../kernel/index.ts';

/** One launch of one instance; `id` names its record. */
export type LaunchRequest = LaunchSpec;

export interface Launcher {
  /** Starts the program in a group of its own, with `marks(name)` in its environment. */
  launch(request: LaunchRequest): Promise<LaunchResult>;
  /** What is known of a launch of this or an earlier life. */
  inspect(id: string): Inspection;
  /** Resolves at the program's end, also when that was before. */
  ended(id: string): Promise<Ending>;
  /** Drops the record of a launch that has ended. */
  forget(id: string): void;
  isAlive(identity: ProcessIdentity): boolean;
  /** Environment by which everything an instance starts is found, wherever it went. */
  marks(name: string): Readonly<Record<string, string>>;
  /** Pids of all live processes with those marks. */
  members(name: string): readonly number[];
  /** Those of the instances that have live processes with their marks, of this life or an earlier one: one look for all. */
  withMembers(names: readonly string[]): readonly string[];
  /** SIGTERM to the program's group. */
  terminate(identity: ProcessIdentity): void;
  /** SIGKILL to the program's group and to all that carries its marks. */
  kill(name: string, identity: ProcessIdentity): void;
  /**
   * After the program's end: kills what it left behind. Resolves when nothing of it is left, or with the pids that
   * SIGKILL does not end.
   */
  sweep(name: string, identity: ProcessIdentity | null): Promise<readonly number[]>;
}

interface DetachedLauncherDeps {
  readonly programs: DetachedPrograms;
  readonly clock: Clock;
  /** Tells the instances of this home from those of another one with the same names. */
  readonly home: string;
  /** How processes are ended; the default is this platform's way. */
  readonly trees?: ProcessTrees;
}

const SWEEP_BEAT_MS = 20;
const SWEEP_BEATS = 250;

export function createDetachedLauncher({ programs, clock, home, ...deps }: DetachedLauncherDeps): Launcher {
  const trees = deps.trees ?? createProcessTrees();
  const markOf = (name: string) => ({ name: 'DROVER_ENGINE_OF', value: `${home}#${name}` }) as const;

  return {
    launch: (request) => programs.launch(request),
    inspect: (id) => programs.inspect(id),
    ended: (id) => programs.ended(id),
    forget: (id) => programs.forget(id),
    isAlive,
    marks: (name) => ({ DROVER_INSTANCE: name, [markOf(name).name]: markOf(name).value }),
    members: (name) => trees.members(null, markOf(name)),
    withMembers(names) {
      const marked = trees.marked('DROVER_ENGINE_OF');
      return names.filter((name) => marked?.has(markOf(name).value) ?? false);
    },
    terminate: (identity) => trees.terminate(identity),
    kill: (name, identity) => trees.kill(identity, markOf(name)),
    async sweep(name, identity) {
      for (let beat = 0; beat < SWEEP_BEATS; beat++) {
        trees.kill(identity, markOf(name));
        const left = trees.members(identity, markOf(name));
        if (left.length === 0) return [];
        await clock.sleep(SWEEP_BEAT_MS);
      }
      return trees.members(identity, markOf(name));
    },
  };
}
