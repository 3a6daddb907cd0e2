/** Benches on the embedded engine and the demo model: measured for real, kept, compared; what cannot be measured is said. */

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { expect, test } from 'vitest';

import { openHouse } from '../support/house.ts';

interface ModelResult {
  readonly ttft_ms: number;
  readonly tokens_per_second: number;
  readonly memory_bytes: number | null;
  readonly runs: readonly { readonly completionTokens: number }[];
}

test('a model is measured three times, and the next bench is compared with it', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');

  const first = await house.json<ModelResult>('bench', 'model', 'demo', '--devices', 'cpu', '--max-tokens', '32');
  const second = await house.json<{ earlier: unknown[] }>('bench', 'model', 'demo', '--compare', '--max-tokens', '8');
  const table = await house.drover('bench', 'model', 'demo', '--compare', '--max-tokens', '8');

  expect(first.runs).toHaveLength(3);
  expect(first.ttft_ms).toBeGreaterThan(0);
  expect(first.tokens_per_second).toBeGreaterThan(0);
  expect(first.memory_bytes).toBeGreaterThan(0);
  expect(second.earlier).toEqual([expect.objectContaining({ model: 'demo', devices: ['cpu'] })]);
  expect(table.stdout.trim().split('\n')).toHaveLength(4);
  expect(await house.json<{ name: string }[]>('ps')).not.toContainEqual(expect.objectContaining({ name: 'bench-cpu' }));
});

test('the demo model is not fit, and says so', async () => {
  await using house = await openHouse();
  await house.drover('models', 'demo');

  const ran = await house.drover('bench', 'suitability', 'demo');

  expect(ran.code).toBe(1);
  expect(ran.stdout).toMatch(/total +\d+ of 20/);
  expect(ran.stdout).toMatch(/as worker +not fit: 12 are needed/);
});

/** Injects the answers of a good model: no model that fits a test machine gives them. */
const ANSWERS: readonly (readonly [sign: string, answer: string])[] = [
  ['"gross"', '{"number": 2041, "supplier": "Nordwind GmbH", "gross": 1428}'],
  ['.log', "find /srv/data -name '*.log' -print0 | tr -cd '\\0' | wc -c"],
  ['JSON Schema', '{"name": "bolt", "tags": ["a", "b"], "size": "large"}'],
  ['9 GB', 'B\nOnly B has the memory.'],
  ['old results', 'Which folder do you mean by old?'],
  ['exit code 1', 'backoff'],
  ['command not found', 'python3 scripts/count.py --in a.txt'],
  ['Tasks: a', 'a, c, b, d'],
  ['DATA', 'The harbour was closed because of ice.'],
  ['240 items', '15'],
];

test('a model that answers well is fit for both', async () => {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      if (request.url?.includes('chat') !== true) return response.end('{"object":"list","data":[{"id":"good"}]}');
      const question = body.replaceAll('\\"', '"');
      const content = ANSWERS.find(([sign]) => question.includes(sign))?.[1] ?? '';
      const usage = { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 };
      if (!question.includes('"stream":true')) {
        response.setHeader('content-type', 'application/json');
        return response.end(
          JSON.stringify({
            choices: [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }],
            usage,
          }),
        );
      }
      response.setHeader('content-type', 'text/event-stream');
      response.write(`data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`);
      return response.end(
        `data: ${JSON.stringify({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage })}\n\ndata: [DONE]\n\n`,
      );
    });
  });
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  const { port } = server.address() as AddressInfo;
  await using house = await openHouse();
  await house.drover('init', 'good', '--profile', 'cpu');
  house.editConfig('good', () => ({
    name: 'good',
    engine: { kind: 'remote', url: `http://127.0.0.1:${port}` },
    model: { id: 'good' },
  }));
  expect(await house.drover('up', 'good')).toMatchObject({ code: 0 });

  const result = await house.json<{ total: number; brain: boolean }>('bench', 'suitability', 'good');
  server.close();

  expect(result).toMatchObject({ total: 20, brain: true, worker: true });
});

test('devices are kept busy, simulated ones too; what they do not tell is null, with the reason', async () => {
  await using house = await openHouse({ DROVER_SIMULATE_RIG: '2x6144' });
  await house.drover('models', 'demo');

  const [cpu, card] = await house.json<
    {
      device: string;
      tokens_per_second: number;
      curve: unknown[];
      temperature_rise_c: number | null;
      notes: string[];
    }[]
  >('bench', 'device', 'cpu', 'sim0', '--duration', '3s', '--parallel', '2');

  expect(cpu).toMatchObject({ device: 'cpu', curve: { length: 10 } });
  expect(cpu?.tokens_per_second).toBeGreaterThan(0);
  expect(cpu?.notes.join()).toContain('cpu tells no clock');
  expect(card).toMatchObject({ device: 'sim0', temperature_rise_c: expect.any(Number) });
});
