/**
 * Chats of several turns before two real llama-servers: how much of their prompts is served from a cache when the turns
 * of a conversation stay together, against turns that go round. No session is named: the gateway knows a conversation by
 * its opening. Run: `npm run bench -- serving/affinity [--rounds N] [--chats N] [--turns N]`.
 */

import type { GatewayLimits } from '../../src/gateway/index.ts';
import { startEngine } from '../../test/support/engine-process.ts';
import type { EngineProcess } from '../../test/support/engine-process.ts';
import { startGateway } from '../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../test/support/gateway-rig.ts';
import { builtLlamaServer } from '../../test/support/llama-server.ts';
import { seededRandom } from '../../test/support/seeded-random.ts';
import { median, numberFrom, percentile, printTable, roundsFrom } from '../support.ts';

const SLOTS = 4;
const WORDS_A_TURN = 120;
const TOKENS_A_TURN = 24;
/** Chats at a time: the engines are never full, so that affinity is free to choose. */
const AT_ONCE = 2;

const WORDS = [
  'llama',
  'herd',
  'slot',
  'queue',
  'model',
  'token',
  'prompt',
  'device',
  'memory',
  'plan',
  'batch',
  'card',
];

interface Message {
  readonly role: 'user' | 'assistant';
  readonly content: string;
}

interface Turn {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly firstTokenMs: number;
  readonly content: string;
}

interface Frame {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  } | null;
}

const CONTESTANTS: Readonly<Record<string, Partial<GatewayLimits>>> = {
  'round-robin': { affinity: false, strategy: 'round-robin' },
  'least-loaded': { affinity: false, strategy: 'least-loaded' },
  affinity: { affinity: true, strategy: 'least-loaded' },
};

const rounds = roundsFrom(process.argv);
const chats = numberFrom(process.argv, '--chats', 7);
const turns = numberFrom(process.argv, '--turns', 6);
const binary = builtLlamaServer();
if (binary === null) process.stdout.write('there is no llama-server to measure: run "drover engine build"\n');
else await compare(binary);

async function compare(path: string): Promise<void> {
  const results = new Map<string, Turn[]>(Object.keys(CONTESTANTS).map((name) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, limits] of Object.entries(CONTESTANTS)) {
      results.get(name)?.push(...(await measure(path, limits, round)));
    }
  }
  printTable(
    `${chats} chats of ${turns} turns, ${AT_ONCE} at a time, two llama-servers of ${SLOTS} slots, ${rounds} rounds`,
    [...results].map(([placement, all]) => ({
      placement,
      'prompt tokens': sum(all.map(({ promptTokens }) => promptTokens)) / rounds,
      'from a cache, %':
        (100 * sum(all.map(({ cachedTokens }) => cachedTokens))) / sum(all.map((it) => it.promptTokens)),
      'first token p50 ms': median(all.map(({ firstTokenMs }) => firstTokenMs)),
      'first token p95 ms': percentile(
        all.map(({ firstTokenMs }) => firstTokenMs),
        0.95,
      ),
    })),
  );
}

/** Fresh engines each time: a cache that another contestant has filled would help this one. */
async function measure(path: string, limits: Partial<GatewayLimits>, round: number): Promise<readonly Turn[]> {
  const names = ['alpha', 'beta'] as const;
  const changes = { model: { contextSize: 4_096 * SLOTS }, server: { parallel: SLOTS } };
  const engines = await Promise.all(
    names.map((name) => startEngine({ kind: 'llama-server', path, key: `key-of-${name}`, changes })),
  );
  const instances = names.map((name, index) => ({ name, port: portOf(engines[index]), modelId: 'demo', slots: SLOTS }));
  const rig = await startGateway(instances, { limits });
  try {
    return await talk(rig, round);
  } finally {
    await rig[Symbol.asyncDispose]();
    for (const engine of engines) await engine.stop();
  }
}

function portOf(engine: EngineProcess | undefined): number {
  return Number(new URL(engine?.url ?? '').port);
}

/** Turn after turn, the chats of each in an order of its own. */
async function talk(rig: GatewayRig, round: number): Promise<readonly Turn[]> {
  const random = seededRandom(round + 1);
  const histories: Message[][] = Array.from({ length: chats }, () => []);
  const told: Turn[] = [];
  for (let turn = 0; turn < turns; turn++) {
    const order = histories.map((history) => ({ history, at: random() })).toSorted((a, b) => a.at - b.at);
    for (let from = 0; from < order.length; from += AT_ONCE) {
      const group = order.slice(from, from + AT_ONCE);
      told.push(...(await Promise.all(group.map(({ history }) => takeTurn(rig, history, sentence(random))))));
    }
  }
  return told;
}

async function takeTurn(rig: GatewayRig, history: Message[], question: string): Promise<Turn> {
  history.push({ role: 'user', content: question });
  const turn = await ask(rig, history);
  history.push({ role: 'assistant', content: turn.content });
  return turn;
}

async function ask(rig: GatewayRig, messages: readonly Message[]): Promise<Turn> {
  const asked = { model: 'demo', messages, max_tokens: TOKENS_A_TURN, stream: true, temperature: 0 };
  const from = performance.now();
  const response = await rig.post({ ...asked, stream_options: { include_usage: true } });
  let text = '';
  let firstTokenMs: number | null = null;
  for await (const bytes of response.body ?? []) {
    firstTokenMs ??= performance.now() - from;
    text += Buffer.from(bytes).toString('utf8');
  }
  const frames = text
    .split('\n')
    .flatMap((line): Frame[] => (line.startsWith('data: {') ? [JSON.parse(line.slice(6))] : []));
  const usage = frames.findLast((frame) => frame.usage)?.usage;
  if (response.status !== 200 || !usage) throw new Error(`no answer: ${response.status} ${text.slice(0, 300)}`);
  return {
    promptTokens: usage.prompt_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens ?? 0,
    firstTokenMs: firstTokenMs ?? 0,
    content: frames.map((frame) => frame.choices?.[0]?.delta?.content ?? '').join(''),
  };
}

function sentence(random: () => number): string {
  return Array.from({ length: WORDS_A_TURN }, () => WORDS[Math.floor(random() * WORDS.length)]).join(' ');
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
