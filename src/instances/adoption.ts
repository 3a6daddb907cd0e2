/** What became of an instance while no agent was there: its process is found, or its end is. */

import type { Ending } from '../kernel/detached/index.ts';
import { identifyProcess } from '../kernel/index.ts';
import type { Clock, ProcessIdentity } from '../kernel/index.ts';
import { exitInfo } from './owner/exit-info.ts';
import { launchId } from './launch/launch.ts';
import type { Launcher } from './launch/launcher.ts';
import type { InstanceRecord, RecordedLaunch } from './owner/record.ts';
import type { Found } from './machine/state.ts';

interface AdoptionDeps {
  readonly launcher: Launcher;
  readonly clock: Clock;
  readonly home: string;
}

/** A spawn that was under way when the last agent died has written its first line by then. */
const SPAWN_SETTLES_MS = 500;

/** Whatever is not taken over is cleared away before this resolves. */
export async function findLeftover(record: InstanceRecord, deps: AdoptionDeps): Promise<Found> {
  const { name } = record.spec;
  if (record.process !== null && record.spec.engine.kind === 'remote') return foundElsewhere(record.process);
  const rebooted = record.process !== null && isOfEarlierBoot(record.process.identity);
  if (record.process === null || rebooted) {
    await deps.launcher.sweep(name, null);
    return { kind: rebooted ? 'rebooted' : 'nothing' };
  }
  return inspectLaunch(name, record.process, deps);
}

/** Nothing of ours runs, so nothing of ours has ended. */
function foundElsewhere({ readyAt, ...process }: RecordedLaunch): Found {
  return { kind: 'running', process: { ...process, identity: null }, readyAt };
}

async function inspectLaunch(name: string, recorded: RecordedLaunch, deps: AdoptionDeps): Promise<Found> {
  const { launcher, clock } = deps;
  const id = launchId(name, recorded.launch);
  if (recorded.identity === null && launcher.inspect(id).kind === 'unknown') await clock.sleep(SPAWN_SETTLES_MS);
  const seen = launcher.inspect(id);
  if (seen.kind === 'running' && isSame(recorded.identity ?? seen.identity, seen.identity)) {
    const { readyAt, ...plan } = recorded;
    return { kind: 'running', process: { ...plan, identity: seen.identity }, readyAt };
  }
  const ending = await endingOf(seen, id, deps);
  await launcher.sweep(name, recorded.identity);
  if (ending === null && recorded.identity === null) return { kind: 'nothing' };
  const exit = exitInfo(ending ?? { kind: 'lost', at: clock.now() }, {
    home: deps.home,
    name,
    offset: recorded.stderrOffset,
  });
  return {
    kind: 'ended',
    launch: recorded.launch,
    pid: recorded.identity?.pid ?? null,
    readyAt: recorded.readyAt,
    exit,
  };
}

function endingOf(
  seen: ReturnType<Launcher['inspect']>,
  id: string,
  { launcher }: AdoptionDeps,
): Promise<Ending> | Ending | null {
  if (seen.kind === 'ended') return seen.ending;
  // Dead without an end: its shell may be about to write it, and tells within two beats.
  return seen.kind === 'dead' ? launcher.ended(id) : null;
}

function isSame(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.startTime === b.startTime && a.bootId === b.bootId;
}

/** Then its pid means nothing, and it did not crash. */
function isOfEarlierBoot(identity: ProcessIdentity | null): boolean {
  return identity !== null && identity.bootId !== identifyProcess(process.pid)?.bootId;
}
