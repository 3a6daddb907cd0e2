/**
 * Batch work and interactive work together: a plan of 500 generate tasks on two instances of a whole Drover while an
 * interactive client asks each second. Its time to first token should stay within 1.5 times that of the idle system plus
 * one decode step, and the plan should lose at most 15 % of its throughput. A round is idle, the plan alone, both, the last
 * two in turns. On a machine that others use the CPU time of engines and controller says what wall time cannot: the share
 * of it that is left to the plan.
 * Run: `npm run bench -- serving/beside-plan [--engines embedded,llama-server] [--layers N] [--tasks N] [--tokens N]
 * [--slots N] [--history N] [--rounds N] [--first preempt|keep|wait]`; `stand-in` is an engine with fixed times, which
 * needs no CPU. `--layers 23` takes a model of 310 MB in the place of the demo model, whose tokens cost next to nothing.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';

import type { InstanceView } from '../../src/contract/index.ts';
import { writeDemoModel } from '../../src/models/index.ts';
import { readExposition } from '../../test/support/exposition.ts';
import { builtLlamaServer } from '../../test/support/llama-server.ts';
import { writePlan } from '../../test/support/plans.ts';
import { startSyntheticUpstream } from '../../test/support/synthetic-upstream.ts';
import { warmDrover } from '../plans/drover.ts';
import type { WarmDrover } from '../plans/drover.ts';
import { median, numberFrom, percentile, printTable, roundsFrom } from '../support.ts';
import { cpuMsOf } from './processes.ts';

const TASKS = numberFrom(process.argv, '--tasks', 500);
const LAYERS = numberFrom(process.argv, '--layers', 0);
const TOKENS = numberFrom(process.argv, '--tokens', 400);
const SLOTS = numberFrom(process.argv, '--slots', 4);
const ROUNDS = roundsFrom(process.argv);
const ENGINES = wordAfter('--engines', 'embedded,llama-server').split(',');
const FIRST = wordAfter('--first', 'preempt');
const MODEL = 'herd';
const EACH_MS = 1_000;
const IDLE_QUESTIONS = 15;
const QUESTION_TOKENS = 24;
/** Some 20 tokens each time. */
const HISTORY = 'the herd walks along the river while the drover counts every llama '.repeat(
  numberFrom(process.argv, '--history', 40),
);

interface Answer {
  readonly firstTokenMs: number;
  /** Between the tokens behind the first. */
  readonly stepMs: number;
  /** For a slot. */
  readonly waitMs: number;
}

/** What the plan took. */
interface Run {
  readonly ms: number;
  /** Of engines and controller. */
  readonly cpuMs: number;
}

interface Round {
  readonly idle: readonly Answer[];
  readonly alone: Run;
  readonly asked: readonly Answer[];
  readonly beside: Run;
}

interface StandIn {
  readonly port: number;
  close(): Promise<void>;
}

const standIns: StandIn[] = [];
{
  await using drover = await warmDrover();
  await upInstances(drover);
  const plan = writePlan(drover.house.home, planText());
  await ask(drover); // warm
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(drover, plan, round % 2 === 0));
  tell(rounds, await timesGone(drover));
}
await Promise.all(standIns.map((engine) => engine.close()));

async function upInstances({ house }: WarmDrover): Promise<void> {
  await house.drover('models', 'register', MODEL, writeModel(house.home));
  await house.drover('config', 'set', 'interactive_first', FIRST);
  for (const [at, kind] of ENGINES.entries()) {
    const name = `i${at}`;
    mkdirSync(join(house.home, 'instances', name), { recursive: true });
    const config = { name, server: { parallel: SLOTS }, ...(await configOf(kind)) };
    writeFileSync(join(house.home, 'instances', name, 'config.json'), JSON.stringify(config));
  }
  const up = await house.drover('up', '--all');
  if (up.code !== 0) throw new Error(`the instances do not start: ${up.stderr}`);
}

function writeModel(folder: string): string {
  const wide = { layers: LAYERS, heads: 16, feedForward: 2_816 };
  return writeDemoModel(join(folder, 'herd.gguf'), LAYERS === 0 ? undefined : wide).path;
}

async function configOf(kind: string): Promise<object> {
  if (kind !== 'stand-in') return programConfig(kind);
  const engine = await startSyntheticUpstream({ slots: SLOTS, quiet: true, usual: { prefillMs: 100, gapMs: 20 } });
  standIns.push(engine);
  return { engine: { kind: 'remote', url: `http://127.0.0.1:${engine.port}/v1` }, model: { id: MODEL } };
}

/** One thread each, so that an engine has the same of the machine with and without its neighbour. */
function programConfig(kind: string): object {
  const path = kind === 'llama-server' ? { path: builtLlamaServer() } : {};
  const model = { id: MODEL, context_size: 4_096, threads: 1 };
  return { engine: { kind, ...path }, model, gpu: { backend: 'cpu' } };
}

function planText(): string {
  const task = (n: number): string =>
    `### t${n}\n- **type**: generate\n- **model**: ${MODEL}\n- **max_tokens**: ${TOKENS}\n\n~~~prompt\nTell of llama ${n}.\n~~~\n`;
  const tasks = Array.from({ length: TASKS }, (_, n) => task(n));
  return `---\ntimeout: 30m\n---\n# Plan: beside\n\n## Tasks\n\n${tasks.join('\n')}`;
}

async function measure(drover: WarmDrover, plan: string, aloneFirst: boolean): Promise<Round> {
  const idle = await askEachSecond(drover, (asked) => asked === IDLE_QUESTIONS);
  const before = aloneFirst ? await runPlan(drover, plan) : null;
  const { beside, asked } = await runBeside(drover, plan);
  return { idle, alone: before ?? (await runPlan(drover, plan)), asked, beside };
}

async function runBeside(drover: WarmDrover, plan: string): Promise<Pick<Round, 'asked' | 'beside'>> {
  let isOver = false;
  const asking = askEachSecond(drover, () => isOver);
  const beside = await runPlan(drover, plan);
  isOver = true;
  return { beside, asked: await asking };
}

async function runPlan(drover: WarmDrover, plan: string): Promise<Run> {
  const instances = await drover.call<InstanceView[]>('GET', '/v2/instances');
  const pids = [drover.house.pidOf('controller'), ...instances.flatMap(({ pid }) => (pid === null ? [] : [pid]))];
  const cpuMs = (): number => pids.reduce((sum, pid) => sum + cpuMsOf(pid), 0);
  const [from, cpuBefore] = [performance.now(), cpuMs()];
  await drover.run(plan);
  return { ms: performance.now() - from, cpuMs: cpuMs() - cpuBefore };
}

async function askEachSecond(drover: WarmDrover, isOver: (asked: number) => boolean): Promise<readonly Answer[]> {
  const seen: Answer[] = [];
  while (!isOver(seen.length)) {
    const from = performance.now();
    seen.push(await ask(drover));
    await new Promise((next) => setTimeout(next, Math.max(0, EACH_MS - (performance.now() - from))));
  }
  return seen;
}

/** A prompt of its own each time, so that it is in no cache. */
async function ask({ house }: WarmDrover): Promise<Answer> {
  const messages = [{ role: 'user', content: `${performance.now()} ${HISTORY}` }];
  const from = performance.now();
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: MODEL, messages, stream: true, max_tokens: QUESTION_TOKENS }),
  });
  let first = Number.NaN;
  for await (const chunk of answer.body ?? []) {
    if (Number.isNaN(first) && Buffer.from(chunk).includes('"content":"')) first = performance.now();
  }
  if (Number.isNaN(first)) throw new Error(`no answer: ${answer.status}`);
  const waitMs = Number(answer.headers.get('x-drover-queue-ms'));
  return { firstTokenMs: first - from, stepMs: (performance.now() - first) / QUESTION_TOKENS, waitMs };
}

/** Tasks that were asked to wait for a question. */
async function timesGone({ house }: WarmDrover): Promise<number> {
  const scraped = readExposition(await (await fetch(`${house.url}/metrics`)).text());
  return scraped.values('drover_requests_moved_total', { reason: 'preempted' })[0] ?? 0;
}

function tell(rounds: readonly Round[], gone: number): void {
  const load = loadavg().map((each) => each.toFixed(1));
  process.stdout.write(`load of the machine: ${load.join(', ')}; ${gone} tasks gave way\n`);
  printTable(
    `${TASKS} tasks of ${TOKENS} tokens on ${ENGINES.join(' and ')}, ${SLOTS} slots each (interactive_first: ${FIRST})`,
    [...rounds.map((round, at) => [String(at + 1), round] as const), ['all', together(rounds)] as const].map(rowOf),
  );
}

function together(rounds: readonly Round[]): Round {
  const middle = (runs: readonly Run[]): Run => ({
    ms: median(runs.map(({ ms }) => ms)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
  });
  return {
    idle: rounds.flatMap(({ idle }) => idle),
    alone: middle(rounds.map(({ alone }) => alone)),
    asked: rounds.flatMap(({ asked }) => asked),
    beside: middle(rounds.map(({ beside }) => beside)),
  };
}

function rowOf([round, { idle, alone, asked, beside }]: readonly [string, Round]) {
  const idleMs = median(idle.map(({ firstTokenMs }) => firstTokenMs));
  const seen = asked.map(({ firstTokenMs }) => firstTokenMs);
  const step = median(asked.map(({ stepMs }) => stepMs));
  return {
    round,
    'first token idle, ms': idleMs,
    'beside p50': median(seen),
    'beside p95': percentile(seen, 0.95),
    'of it waiting for a slot': median(asked.map(({ waitMs }) => waitMs)),
    'step, ms': step,
    'of 1.5 idle + step (bar 1)': median(seen) / (1.5 * idleMs + step),
    'tasks/s alone': TASKS / (alone.ms / 1_000),
    beside: TASKS / (beside.ms / 1_000),
    'kept (bar 0.85)': alone.ms / beside.ms,
    'kept by CPU': alone.cpuMs / beside.cpuMs,
  };
}

function wordAfter(flag: string, fallback: string): string {
  const at = process.argv.indexOf(flag);
  return at === -1 ? fallback : (process.argv[at + 1] ?? fallback);
}
