/**
 * kill -9 of controller, agent, task worker and of everything at random instants, while two batches run: each task
 * succeeds once in the store, none ran more often than it has attempts, nothing is lost or left behind. Acceptance 5.
 *
 * KILLS=200 KILL_SEED=7 npx vitest run --project e2e test/e2e/kill-matrix.test.ts
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { EXIT } from '../../src/contract/index.ts';
import type { BatchDetailView, SubmitView, TaskView } from '../../src/contract/index.ts';
import { killIfThere, openHouse, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { killScript } from '../support/kill-script.ts';
import type { Kill } from '../support/kill-script.ts';
import { planOf, writePlan } from '../support/plans.ts';

const KILLS = Number(process.env['KILLS'] ?? 30);
const SEED = Number(process.env['KILL_SEED'] ?? 1);
const ITEMS = 998;
const TIMEOUT_MS = 600_000 + KILLS * 5_000;

/** Each attempt appends its own name to a log before it does anything else. */
function thousandTasks(): string {
  const more = ['- **retries**: 20'];
  return planOf('thousand', [
    {
      id: 'list',
      command: `node -e 'require("fs").writeFileSync("items.json", JSON.stringify({items: Array.from({length: ${ITEMS}}, (_, id) => ({id}))}))'`,
      more,
    },
    {
      id: 'step',
      foreach: '{BATCH_PATH}/items.json:items',
      command: 'echo "$DROVER_ATTEMPT" >> runs.log; sleep 0.0{ITEM.id}',
      dependsOn: 'list',
      more,
    },
    { id: 'end', command: 'sort runs.log | uniq | wc -l > count.txt', dependsOn: 'step', more },
  ]);
}

test(
  `acceptance 5: ${KILLS} kills (seed ${SEED}) lose nothing and run nothing twice within an attempt`,
  async () => {
    await using house = await openHouse({ DROVER_SIMULATE_RIG: '5x6144' });
    await house.drover('models', 'demo');
    const plan = writePlan(house.home, thousandTasks());
    const batches = [await submit(house, plan), await submit(house, 'examples/plans/video-batch', ...VIDEO)];

    for (const kill of killScript({ seed: SEED, kills: KILLS })) {
      await pause(kill.pauseMs);
      carryOut(house, kill);
      if (await areDone(house, batches.slice(-2))) {
        batches.push(await submit(house, plan), await submit(house, 'examples/plans/video-batch', ...VIDEO));
      }
    }

    for (const id of batches) {
      const batch = await until(
        () => house.json<BatchDetailView>('batch', 'show', id),
        ({ status }) => status !== 'running',
        TIMEOUT_MS,
      );
      expect(batch.tasks.filter(({ status }) => status !== 'succeeded')).toEqual([]);
      expect(batch.status).toBe('succeeded');
      const isThousand = batch.plan === 'thousand';
      expect(isThousand ? unaccountedRuns(batch) : []).toEqual([]);
      expect(batch.counts.total).toBe(isThousand ? ITEMS + 2 : 252);
    }
    await until(
      () => house.processes().filter((pid) => environmentOf(pid).includes('DROVER_ATTEMPT=')),
      (strays) => strays.length === 0,
    );
  },
  TIMEOUT_MS,
);

const VIDEO = ['--set', 'SECONDS=0.1', '--set', 'MAX_TOKENS=6'];

async function submit(house: House, ...args: string[]): Promise<string> {
  return (await house.json<SubmitView>('submit', ...args)).batch_id;
}

/** Also starts the daemons again when all of them are gone, as any command does. One that meets a dying daemon says so. */
async function areDone(house: House, ids: readonly string[]): Promise<boolean> {
  const { code, stdout } = await house.drover('batch', 'ls', '--json');
  if (code === EXIT.unreachable) return false;
  const views = JSON.parse(stdout) as { batch_id: string; status: string }[];
  return ids.every((id) => views.find(({ batch_id: other }) => other === id)?.status !== 'running');
}

function carryOut(house: House, { victim, choice }: Kill): void {
  for (const pid of victimsOf(house, victim, choice)) {
    killIfThere(pid);
  }
}

function victimsOf(house: House, victim: Kill['victim'], choice: number): number[] {
  if (victim === 'everything') return house.processes();
  if (victim === 'worker') {
    const workers = house.processes().filter((pid) => /DROVER_ATTEMPT=[^\0]*\/step_/.test(environmentOf(pid)));
    return workers.slice(Math.floor(choice * workers.length)).slice(0, 1);
  }
  try {
    return [house.pidOf(victim)];
  } catch {
    return []; // not started again yet
  }
}

/** Tasks that ran more often than the store knows, or under one attempt twice. */
function unaccountedRuns(batch: BatchDetailView): string[] {
  const lines = readFileSync(join(batch.path, 'runs.log'), 'utf8').trim().split('\n');
  const steps = batch.tasks.filter(({ id }) => id.startsWith('step_'));
  const runsOf = new Map<string, string[]>();
  for (const line of lines) {
    const task = line.slice(line.indexOf('/') + 1, line.lastIndexOf('#'));
    runsOf.set(task, [...(runsOf.get(task) ?? []), line]);
  }
  return steps.flatMap((task: TaskView) => {
    const runs = runsOf.get(task.id) ?? [];
    const twice = new Set(runs).size < runs.length;
    const accounted = runs.length >= 1 && runs.length <= task.attempts && !twice;
    return accounted ? [] : [`${task.id}: ${task.attempts} attempts, runs ${runs.join(' ')}`];
  });
}

function environmentOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch {
    return '';
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((next) => setTimeout(next, ms));
}
