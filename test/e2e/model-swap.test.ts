/**
 * Models that take turns on a card which holds one of them, with real engines: the acceptance test "A/B/A/B alternate
 * models on a single GPU that holds one" of what serving has learned, and loads that fail. Through the whole house.
 */

import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { ModelView } from '../../src/contract/index.ts';
import { openHouse } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { restOf } from '../support/rest.ts';

interface Asked {
  readonly status: number;
  /** Epoch ms. */
  readonly askedAt: number;
  readonly answeredAt: number;
  readonly retryAfter: string | null;
  readonly body: { readonly error?: { readonly code: string; readonly message: string } };
}

async function ask(house: House, model: string, more: object = {}): Promise<Asked> {
  const askedAt = Date.now();
  const answer = await fetch(`${house.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 4, messages: [{ role: 'user', content: 'hello' }], ...more }),
  });
  const body = (await answer.json()) as Asked['body']; // an answer or an error in the shape of the protocol
  return {
    status: answer.status,
    askedAt,
    answeredAt: Date.now(),
    retryAfter: answer.headers.get('retry-after'),
    body,
  };
}

function fileOf(house: House, id: string): string {
  return join(house.home, `${id}.gguf`);
}

/** Two models of the catalogue, before a simulated card that holds one of them. The engines compute on the CPU. */
async function houseForOne(window: string): Promise<House> {
  const house = await openHouse({ DROVER_SIMULATE_RIG: '1x1024' });
  await house.drover('config', 'set', 'swap_window', window);
  await house.drover('models', 'demo');
  const [demo] = await house.json<ModelView[]>('models', 'ls');
  for (const id of ['a', 'b']) {
    const file = fileOf(house, id);
    copyFileSync(demo?.path ?? '', file);
    expect(await house.drover('models', 'register', id, file)).toMatchObject({ code: 0 });
  }
  return house;
}

/** When models were ready, epoch ms, in order: each of them but the first took the place of another. */
async function loads(house: House): Promise<readonly number[]> {
  const { body } = await restOf(house, 'socket').ask('/v2/facts?subject=instance:&limit=1000');
  const facts = body as readonly {
    readonly type: string;
    readonly at: string;
    readonly data: { readonly to?: string };
  }[]; // the route's shape
  return facts
    .filter(({ type, data }) => type === 'instance.changed' && data.to === 'ready')
    .map(({ at }) => new Date(at).getTime());
}

/** The shortest stay of a model on the card. */
function shortestStay(readyAt: readonly number[]): number {
  return Math.min(...readyAt.slice(1).map((at, index) => at - (readyAt[index] ?? 0)));
}

function loadsWithin({ askedAt, answeredAt }: Asked, readyAt: readonly number[]): number {
  return readyAt.filter((at) => askedAt <= at && at <= answeredAt).length;
}

const WINDOW_MS = 3_000;
/** So often one of the two has had the card. */
const TURNS = 4;
/** While somebody waits: the other's load that was under way, and the load of what he asked for. */
const MOST_LOADS = 2;

test('A/B/A/B alternate models on a single card that holds one: one swap a window at most, and nobody waits for long', async () => {
  await using house = await houseForOne('3s');

  const answers: Asked[] = [];
  for (const model of ['a', 'b', 'a', 'b', 'a', 'b']) answers.push(await ask(house, model));

  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  const readyAt = await loads(house);
  expect(readyAt).toHaveLength(6);
  expect(shortestStay(readyAt)).toBeGreaterThanOrEqual(WINDOW_MS);
  expect(Math.max(...answers.map((answer) => loadsWithin(answer, readyAt)))).toBeLessThanOrEqual(MOST_LOADS);
});

test('two models that are both always wanted take turns: each is served in batches, one swap a window at most', async () => {
  await using house = await houseForOne('3s');
  const answers: Asked[] = [];
  const served: string[] = [];
  const turns = (): number => served.filter((model, index) => model !== served[index - 1]).length;
  async function client(model: string): Promise<void> {
    while (turns() < TURNS) {
      answers.push(await ask(house, model));
      served.push(model);
    }
  }

  await Promise.all(['a', 'a', 'b', 'b'].map(client));

  expect(answers.filter(({ status }) => status !== 200)).toEqual([]);
  const readyAt = await loads(house);
  expect(readyAt.length).toBeGreaterThanOrEqual(TURNS);
  expect(shortestStay(readyAt)).toBeGreaterThanOrEqual(WINDOW_MS);
  expect(answers.length).toBeGreaterThan(readyAt.length * 2);
  expect(Math.max(...answers.map((answer) => loadsWithin(answer, readyAt)))).toBeLessThanOrEqual(MOST_LOADS);
});

test('every request for a cold model waits for its one load, and one that cannot be loaded is told why and when', async () => {
  await using house = await houseForOne('1s');

  const cold = await Promise.all(Array.from({ length: 6 }, () => ask(house, 'a')));
  writeFileSync(fileOf(house, 'b'), 'no model any more');
  const failed = await ask(house, 'b');
  const refused = await ask(house, 'b');

  expect(cold.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200]);
  expect(await loads(house)).toHaveLength(1);
  expect(failed).toMatchObject({ status: 422, body: { error: { code: 'model_file_invalid' } } });
  expect(refused).toMatchObject({ status: 503, body: { error: { code: 'instance_unavailable' } } });
  expect(refused.body.error?.message).toContain('b.gguf is not a GGUF file');
  expect(Number(refused.retryAfter)).toBeGreaterThan(0);
});
