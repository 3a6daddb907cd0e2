/**
 * Batch work and interactive work together: 500 generate tasks on two instances while an interactive client asks each
 * second. Its time to first token should stay within 1.5 times that of the idle system plus one decode step, and the
 * tasks should lose at most 15 % of their throughput. Engines are stand-ins with fixed times, so that what is seen is
 * the queue's doing. Run: `npm run bench -- serving/beside-plan [--tasks N] [--slots N] [--first preempt|keep|wait]`.
 */

import { startGateway } from '../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import type { InteractiveFirst } from '../../src/gateway/slots/interactive-first.ts';
import { median, numberFrom, printTable } from '../support.ts';

const TASKS = numberFrom(process.argv, '--tasks', 500);
const SLOTS = numberFrom(process.argv, '--slots', 4);
const STEP_MS = 20;
const TASK = { prefillMs: 100, gapMs: STEP_MS, tokens: 40 };
const QUESTION = { prefillMs: 100, gapMs: STEP_MS, tokens: 10 };
const EACH_MS = 1_000;
const first = wordAfter('--first', 'preempt') as InteractiveFirst; // the gateway takes no other

const engines = await Promise.all([1, 2].map(() => startSyntheticUpstream({ slots: SLOTS, quiet: true })));
const rig = await startGateway(
  engines.map(({ port }, at) => ({ name: `i${at}`, port, slots: SLOTS, modelId: 'demo' })),
  { limits: { queueLength: 10_000, interactiveFirst: first } },
);
try {
  const idleMs = median(await askFor(10, () => false));
  const aloneMs = await runTasks(rig);
  let isOver = false;
  const asked = askFor(Infinity, () => isOver);
  const besideMs = await runTasks(rig);
  isOver = true;
  tell(idleMs, await asked, { aloneMs, besideMs });
} finally {
  await rig[Symbol.asyncDispose]();
  await Promise.all(engines.map((engine) => engine.close()));
}

function tell(idleMs: number, seen: readonly number[], { aloneMs, besideMs }: { aloneMs: number; besideMs: number }) {
  const { preempted } = rig.gateway.snapshot().counters;
  printTable(`${TASKS} tasks on 2 × ${SLOTS} slots beside a question each second (interactive_first: ${first})`, [
    {
      what: 'time to first token',
      alone: `${Math.round(idleMs)} ms`,
      beside: `${Math.round(median(seen))} ms (median of ${seen.length}), at most ${Math.round(Math.max(...seen))} ms`,
      ratio: median(seen) / (idleMs + STEP_MS),
      bar: '≤ 1.5 of idle plus one step',
    },
    {
      what: 'tasks per second',
      alone: (TASKS / (aloneMs / 1_000)).toFixed(1),
      beside: `${(TASKS / (besideMs / 1_000)).toFixed(1)} (${preempted} gave way)`,
      ratio: aloneMs / besideMs,
      bar: '≥ 0.85',
    },
  ]);
}

/** All of them at once, as a plan without dependencies hands them over. */
async function runTasks({ gateway }: GatewayRig): Promise<number> {
  const from = performance.now();
  const call = { model: 'demo', prompt: 'task', params: { synthetic: TASK }, class: 'batch' } as const;
  const task = () => gateway.generate({ ...call, signal: new AbortController().signal });
  const results = await Promise.all(Array.from({ length: TASKS }, task));
  if (results.some(({ kind }) => kind === 'failed')) throw new Error('a task failed');
  return performance.now() - from;
}

/** Times to first token. */
async function askFor(times: number, isOver: () => boolean): Promise<readonly number[]> {
  const seen: number[] = [];
  while (seen.length < times && !isOver()) {
    const from = performance.now();
    seen.push(await firstTokenMs());
    await new Promise((next) => setTimeout(next, Math.max(0, EACH_MS - (performance.now() - from))));
  }
  return seen;
}

async function firstTokenMs(): Promise<number> {
  const from = performance.now();
  const messages = [{ role: 'user', content: 'hello' }];
  const answer = await rig.post({ model: 'demo', messages, stream: true, synthetic: QUESTION });
  let took = Number.NaN;
  for await (const chunk of answer.body ?? []) {
    if (Number.isNaN(took) && Buffer.from(chunk as Uint8Array).includes('"content":"')) took = performance.now() - from;
  }
  return took;
}

function wordAfter(flag: string, fallback: string): string {
  const at = process.argv.indexOf(flag);
  return at === -1 ? fallback : (process.argv[at + 1] ?? fallback);
}
