/** The brain over a rig in virtual time: a plan of scripts and model calls, and models that take two minutes to load. */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { NO_HOOKS } from '../../../test/support/brain-house.ts';
import { ScriptedBrainModel } from '../../../test/support/scripted-brain-model.ts';
import { seededRandom } from '../../../test/support/seeded-random.ts';
import { writePlan } from '../../../test/support/plans.ts';
import { SimulatedRig } from '../../../test/support/simulated-rig.ts';
import type { RigOptions } from '../../../test/support/simulated-rig.ts';
import { isFact } from '../../contract/index.ts';
import { silentLog, TestClock } from '../../kernel/index.ts';
import { openStore } from '../../store/index.ts';
import type { Store } from '../../store/index.ts';
import { createBrain } from '../index.ts';
import { readPlan } from '../reading/read-plan.ts';

const VIDEOS = 125;

const VIDEO_PLAN = `# Plan: videos

## Tasks

### init
- **task_class**: cpu
- **timeout**: 1m
- **command**: \`true\`

### transcribe
- **task_class**: script
- **vram_estimate_mb**: 4500
- **foreach**: manifest.json:videos
- **depends_on**: init
- **timeout**: 10m
- **command**: \`true {ITEM.id}\`

### summarise
- **type**: generate
- **model**: qwen
- **foreach**: manifest.json:videos
- **depends_on**: transcribe_{ITEM.id}
- **timeout**: 10m
- **produces**: output/{ITEM.id}.txt

\`\`\`prompt
Summarise {ITEM.id}.
\`\`\`

### aggregate
- **task_class**: cpu
- **depends_on**: summarise
- **timeout**: 1m
- **command**: \`true\`
`;

const MANIFEST = JSON.stringify({ videos: Array.from({ length: VIDEOS }, (_, index) => ({ id: `v${index}` })) });

/** Counts what the store is asked for, so that virtual time stands while it works. */
function counted(store: Store): { readonly store: Store; readonly isQuiet: () => boolean } {
  let under = 0;
  const count = async <T>(work: Promise<T>): Promise<T> => {
    under += 1;
    return work.finally(() => (under -= 1));
  };
  const counting: Store = { ...store, write: (fn) => count(store.write(fn)), read: (fn) => count(store.read(fn)) };
  return { store: counting, isQuiet: () => under === 0 };
}

/** Nothing is left to do before more time has passed. */
async function settled(isQuiet: () => boolean): Promise<void> {
  for (let quiet = 0; quiet < 6;) {
    await new Promise((resolve) => setImmediate(resolve));
    const reads = process.getActiveResourcesInfo().some((resource) => /^(?:FS|FILE)/.test(resource));
    quiet = isQuiet() && !reads ? quiet + 1 : 0;
  }
}

interface Run {
  readonly status: string;
  readonly tasks: number;
  readonly retries: number;
  readonly ms: number;
  readonly idleShare: number;
  readonly loads: readonly string[];
}

async function run(options: RigOptions, plan: string): Promise<Run> {
  const home = mkdtempSync(join(tmpdir(), 'rig-'));
  const clock = new TestClock();
  const opened = await openStore({ url: `sqlite:${join(home, 'store.db')}`, log: silentLog, clock });
  const { store, isQuiet } = counted(opened);
  const rig = new SimulatedRig(clock, options);
  const brain = createBrain({
    store,
    agents: rig,
    inference: rig,
    models: rig,
    training: { keep: async () => null, score: async () => {} },
    catalogue: { modelNames: async () => [options.model.name] },
    clock,
    allowAlways: () => {},
    readPlan,
    rules: () => ({ stuckAfterMs: 1_200_000, stuckStepMs: 120_000, repair: 'off' }),
    brainModel: new ScriptedBrainModel(),
    hooks: () => NO_HOOKS,
    random: () => 0.5,
    log: silentLog,
    keepRuns: () => 0,
    environment: { PATH: '/usr/bin:/bin' },
  });
  const ended = { status: '', retries: 0 };
  store.facts.subscribe((fact) => {
    if (isFact(fact, 'task.retry_scheduled')) ended.retries += 1;
    if (isFact(fact, 'batch.ended')) ended.status = fact.data.status;
  });
  try {
    await brain.start();
    await rig.connect(brain);
    const folder = writePlan(home, plan);
    const submitted = await brain.submit({ folder, config: {}, priority: 'normal', env: { PATH: '/usr/bin' } });
    if (submitted.kind === 'invalid') throw new Error(JSON.stringify(submitted.diagnostics));
    const begin = clock.now();
    let idleMs = 0;
    for (;;) {
      await settled(isQuiet);
      if (ended.status !== '') break;
      const waits = (await brain.overview()).tasks.ready > 0;
      const ms = clock.nextDueIn() ?? 0;
      if (waits) idleMs += ms * rig.idleCards();
      await clock.advance(ms);
    }
    const ms = clock.now() - begin;
    const counts = (await brain.listBatches())[0]?.tasks;
    return {
      status: ended.status,
      tasks: counts?.succeeded ?? 0,
      retries: ended.retries,
      ms,
      idleShare: idleMs / (ms * options.cards),
      loads: rig.log,
    };
  } finally {
    await brain.stop();
    await opened.close();
    rmSync(home, { recursive: true, force: true });
  }
}

function videos(changes: Partial<RigOptions> = {}): RigOptions {
  const random = seededRandom(20);
  return {
    cards: 5,
    cardMb: 6144,
    model: { name: 'qwen', memoryMb: 5000, loadMs: 120_000, slots: 1 },
    scriptMs: () => 40_000 + Math.round(random() * 40_000),
    callMs: () => 4_000 + Math.round(random() * 2_000),
    files: (task): Record<string, string> => (task === 'init' ? { 'manifest.json': MANIFEST } : {}),
    ...changes,
  };
}

test('acceptance 20: the video plan of 252 tasks with loads of 120 s idles the cards for less than 2 %', async () => {
  const { status, tasks, retries, idleShare, loads, ms } = await run(videos(), VIDEO_PLAN);

  // Calls wait unsent while scripts hold the cards: one that is sent then has nothing to wake.
  expect({ status, tasks, retries }).toEqual({ status: 'succeeded', tasks: 252, retries: 0 });
  expect(idleShare).toBeLessThan(0.02);
  expect(loads.length).toBeLessThanOrEqual(6);
  // Scripts, calls and one load for each card cannot be had sooner on five cards.
  expect(ms).toBeLessThan(1.05 * ((VIDEOS * 60_000 + VIDEOS * 5_000) / 5 + 120_000));
}, 120_000);

test('where cards share their way to the host they are loaded one after the other, and only as many as pay', async () => {
  const { status, loads } = await run(videos({ oneLoadAtATime: true }), VIDEO_PLAN);
  const at = loads.map((line) => Number(line.split(' ')[0]));

  expect(status).toBe('succeeded');
  expect(loads.every((line) => line.includes('load'))).toBe(true);
  expect(loads.length).toBeLessThan(5);
  expect(at.slice(1).every((time, index) => time - (at[index] ?? 0) >= 120_000)).toBe(true);
}, 120_000);
