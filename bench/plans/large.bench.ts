/**
 * A plan of a hundred thousand tasks: the submission to a real controller (time, memory, the longest that another request
 * waited meanwhile), then a drain by the no-op engine, a brain and a store in this process whose agent answers at once.
 * Run: `npm run bench -- plans/large [--tasks 100000]`.
 */

import type { DaemonStatusView } from '../../src/contract/index.ts';
import { BrainHouse } from '../../test/support/brain-house.ts';
import type { TaskLines } from '../../test/support/plans.ts';
import { numberFrom, printTable } from '../support.ts';
import { warmDrover } from './drover.ts';
import type { WarmDrover } from './drover.ts';

/** Chains of this length beside each other, so that what is ready at a time stays a part of the whole. */
const LENGTH = 100;
const count = numberFrom(process.argv, '--tasks', 100_000);
const PROBE_MS = 10;

await submit();
await drain();

function chains(first: string): TaskLines[] {
  return Array.from({ length: count }, (_, at) => ({
    id: `t${at}`,
    command: at === 0 ? first : 'true',
    dependsOn: at === 0 ? 'none' : `t${at % LENGTH === 0 ? 0 : at - 1}`,
  }));
}

async function submit(): Promise<void> {
  await using drover = await warmDrover();
  const folder = drover.plan(chains('sleep 600'));
  const probe = startProbe(drover);
  const started = performance.now();
  const cpu = drover.cpuMs('controller');
  const { batch_id: id } = await drover.submit(folder);
  const ms = performance.now() - started;
  const { now, most } = drover.memoryMb();
  const longest = await probe.stop();
  const listed = performance.now();
  await drover.call('GET', '/v2/batches');
  printTable(`submission of ${count} tasks`, [
    { what: 'submit, ms', figure: ms },
    { what: 'CPU of the controller, ms', figure: drover.cpuMs('controller') - cpu },
    { what: 'memory of the controller after it, MB', figure: now },
    { what: 'the most it was, MB', figure: most },
    { what: 'longest wait of another request meanwhile, ms', figure: longest },
    { what: 'list of batches with counts, ms', figure: performance.now() - listed },
  ]);
  await drover.call('POST', `/v2/batches/${id}/kill`);
}

function startProbe(drover: WarmDrover): { stop(): Promise<number> } {
  let longest = 0;
  let asking = true;
  const asked = (async () => {
    while (asking) {
      const started = performance.now();
      await drover.call<DaemonStatusView>('GET', '/v2/daemon');
      longest = Math.max(longest, performance.now() - started);
      await new Promise((next) => setTimeout(next, PROBE_MS));
    }
  })();
  return {
    async stop() {
      asking = false;
      await asked;
      return longest;
    },
  };
}

async function drain(): Promise<void> {
  await using house = await BrainHouse.open();
  const ran = new Set<string>();
  house.agent.script = ({ attempt: { task } }) => {
    if (ran.has(task)) throw new Error(`${task} ran twice`);
    ran.add(task);
    // What a test would look at is not kept: it would be most of the memory.
    house.agent.ran.length = 0;
    house.facts.length = 0;
    return {};
  };
  const id = await house.submit(house.plan(chains('true')));
  const ended = house.ended(id);
  const before = process.memoryUsage().rss;
  const cpu = process.cpuUsage();
  const started = performance.now();
  await ended;
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  if (ran.size !== count) throw new Error(`${ran.size} of ${count} tasks ran`);
  printTable(`drain of ${count} tasks by the no-op engine (brain and store alone)`, [
    { what: 'tasks a second', figure: (count / ms) * 1_000 },
    { what: 'CPU ms per task', figure: (user + system) / 1_000 / count },
    { what: 'memory at its begin, MB', figure: before / 2 ** 20 },
    { what: 'memory at its end, MB', figure: process.memoryUsage().rss / 2 ** 20 },
  ]);
}
