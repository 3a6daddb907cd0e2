/** Brings instances up when the controller starts, as `fleet/instances/autostart-plan.ts` says, a few at a time. */

import { loadAutostart } from '../config/index.ts';
import type { HomePaths } from '../config/index.ts';
import { planAutostart } from '../fleet/index.ts';
import type { DesiredInstance, InstanceDirectory } from '../fleet/index.ts';
import { forEachBounded, identifyProcess, readFileIfExists, writeFileAtomic } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';

export interface Autostart {
  /** Ephemeral instances of the boot before: to be forgotten. */
  readonly dismissed: readonly string[];
  /** What the agent may know of by now: all but the instances whose turn has not come. */
  admitted(declared: readonly DesiredInstance[]): readonly DesiredInstance[];
  /** Resolves when each had its turn, or at the abort. An instance that fails is logged, and the others go on. */
  run(instances: Pick<InstanceDirectory, 'restore'>, signal: AbortSignal): Promise<void>;
}

interface AutostartDeps {
  readonly paths: HomePaths;
  readonly declared: readonly DesiredInstance[];
  /** It was unloaded for want of requests when it was last heard of. */
  readonly sleeps: (name: string) => boolean;
  /** Tells the agent what is admitted. */
  readonly push: () => void;
  readonly log: Log;
}

const AT_ONCE = 2;
const START_TIMEOUT_MS = 15 * 60_000;

/** Reads the list and notes the boot; starts nothing. A list that cannot be read is logged and counts as empty. */
export function createAutostart({ paths, declared, sleeps, push, log }: AutostartDeps): Autostart {
  const plan = planAutostart({
    listed: listedNames(paths.home, log),
    declared: declared.map(({ spec: { name }, desired, ephemeral }) => {
      return { name, desired, ephemeral, asleep: sleeps(name) };
    }),
    rebooted: noteBoot(paths.bootFile) === 'another',
  });
  // By what was declared then: whoever starts or stops one meanwhile declares it anew, and so has released it.
  const held = new Set(declared.filter(({ spec }) => plan.hold.includes(spec.name)));

  function release(name: string): void {
    for (const instance of held) if (instance.spec.name === name) held.delete(instance);
    push();
  }

  async function bringUp(instances: Pick<InstanceDirectory, 'restore'>, name: string): Promise<void> {
    try {
      await instances.restore(name, { wait: true, timeoutMs: START_TIMEOUT_MS });
      log.info({ instance: name }, 'autostarted');
    } catch (error) {
      log.warn({ err: error, instance: name }, 'autostart failed');
    } finally {
      release(name);
    }
  }

  return {
    dismissed: plan.dismiss,
    admitted: (all) => all.filter((instance) => !held.has(instance)),
    async run(instances, signal) {
      const ended = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      const all = forEachBounded(plan.bringUp, { atOnce: AT_ONCE, signal }, (name) => bringUp(instances, name));
      await Promise.race([all, ended]);
    },
  };
}

function listedNames(home: string, log: Log): readonly string[] {
  try {
    return loadAutostart(home).map(({ name }) => name);
  } catch (error) {
    log.warn({ err: error }, 'autostart list unreadable');
    return [];
  }
}

/** A home in which no controller ran before has seen no other boot. */
function noteBoot(file: string): 'same' | 'another' {
  const now = identifyProcess(process.pid)?.bootId ?? 'unknown';
  const before = readFileIfExists(file)?.trim();
  if (before !== now) writeFileAtomic(file, `${now}\n`);
  return before === undefined || before === now ? 'same' : 'another';
}
