/** The relay before engines that misbehave and readers that do not read, in every protocol that the front door speaks. */

import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { describe, expect, test } from 'vitest';

import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { AT_ONCE_MS } from '../../../test/support/patience.ts';
import { die, startScriptedUpstream, wait, write } from '../../../test/support/scripted-upstream.ts';
import type { ScriptedUpstream, Step } from '../../../test/support/scripted-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

interface House {
  readonly engine: ScriptedUpstream;
  readonly rig: GatewayRig;
}

async function house(
  steps: readonly Step[],
  limits: Partial<GatewayLimits> = {},
  contentType?: string,
): Promise<House> {
  const engine = await startScriptedUpstream(steps, contentType);
  const instance = { name: 'alpha', port: engine.port };
  const rig = await startGateway([instance], { limits });
  opened(engine);
  opened(rig);
  rig.gateway.onInstance(report(instance, { engine: 'embedded' }));
  return { engine, rig };
}

const chatFrame = (delta: object, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const textFrame = (text: string, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', model: 'm', choices: [{ index: 0, text, finish_reason: finish }] })}\n\n`;
const nativeFrame = (content: string, stop: boolean): string => `data: ${JSON.stringify({ content, stop })}\n\n`;

const WORDS = ['the ', 'llama 🦙 ', 'é字 ', 'walks "on"\n'];
const hello = [{ role: 'user', content: 'hello' }];
const toldFrames = (words: readonly string[]): readonly string[] => [
  chatFrame({ role: 'assistant', content: null }),
  ...words.map((content) => chatFrame({ content })),
];
const toldEnd = [chatFrame({}, 'stop'), 'data: [DONE]\n\n'];

interface Protocol {
  readonly name: string;
  readonly path: string;
  readonly body: object;
  /** What the embedded engine streams for it. */
  readonly frames: (words: readonly string[]) => readonly string[];
  readonly end: readonly string[];
  /** The last thing in the stream when the engine has failed. */
  readonly error: RegExp;
}

const PROTOCOLS: readonly Protocol[] = [
  {
    name: 'OpenAI chat completions',
    path: '/v1/chat/completions',
    body: { messages: hello },
    frames: toldFrames,
    end: toldEnd,
    error: /\n\ndata: \{"error":\{"message":"[^\n]*","type":"server_error","code":"engine_failed"[^\n]*\}\}\n\n$/,
  },
  {
    name: 'OpenAI completions',
    path: '/v1/completions',
    body: { prompt: 'hello' },
    frames: (words) => words.map((text) => textFrame(text)),
    end: [textFrame('', 'stop'), 'data: [DONE]\n\n'],
    error: /\n\ndata: \{"error":\{"message":"[^\n]*","type":"server_error","code":"engine_failed"[^\n]*\}\}\n\n$/,
  },
  {
    name: 'OpenAI responses',
    path: '/v1/responses',
    body: { input: 'hello' },
    frames: toldFrames,
    end: toldEnd,
    error: /\n\nevent: error\ndata: \{"type":"error","code":"engine_failed","message":"[^\n]*\}\n\n$/,
  },
  {
    name: 'Anthropic messages',
    path: '/v1/messages',
    body: { messages: hello, max_tokens: 50 },
    frames: toldFrames,
    end: toldEnd,
    error: /\n\nevent: error\ndata: \{"type":"error","error":\{"type":"api_error","message":"[^\n]*"\}\}\n\n$/,
  },
  {
    name: 'Ollama chat',
    path: '/api/chat',
    body: { messages: hello },
    frames: toldFrames,
    end: toldEnd,
    error: /\n\{"error":"[^\n]*"\}\n$/,
  },
  {
    name: 'llama.cpp completion',
    path: '/completion',
    body: { prompt: 'hello' },
    frames: (words) => words.map((content) => nativeFrame(content, false)),
    end: [nativeFrame('', true)],
    error: /\n\ndata: \{"error":\{"code":502,"message":"[^\n]*","type":"server_error"\}\}\n\n$/,
  },
];

const ask = (rig: GatewayRig, { path, body }: Protocol): Promise<Response> =>
  rig.post({ model: 'alpha', stream: true, ...body }, { path });

describe.each(PROTOCOLS)('an engine that dies in mid-stream, told in $name', (protocol) => {
  const spoken = protocol.frames(WORDS);

  test('between frames: an error of the protocol at once', async () => {
    const { engine, rig } = await house([...spoken.map(write), wait(20), die]);

    const text = await (await ask(rig, protocol)).text();

    expect(performance.now() - engine.diedAt()).toBeLessThan(AT_ONCE_MS);
    expect(text).toMatch(protocol.error);
    expect(text).toContain('llama 🦙 ');
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'failed', code: 'ENGINE_FAILED' }]);
  });

  test.each([
    ['is reset', die],
    ['ends as if nothing were missing', wait(0)],
  ])('within a frame, by a connection that %s: the broken frame does not touch the error', async (_, last) => {
    const half = Buffer.from(spoken.at(-1) ?? '').subarray(0, 30);
    const { rig } = await house([...spoken.slice(0, -1).map(write), write(half), wait(20), last]);

    const text = await (await ask(rig, protocol)).text();

    expect(text).toMatch(protocol.error);
    expect(linesThatAreNoJson(text)).toEqual([]);
  });

  test('with an error of its own: its words are told once, as an error of the protocol', async () => {
    const { rig } = await house([
      ...spoken.map(write),
      write('data: {"error":{"code":500,"message":"KV cache full"}}\n\n'),
    ]);

    const text = await (await ask(rig, protocol)).text();

    expect(text).toMatch(protocol.error);
    expect(text.match(/KV cache full/g)).toHaveLength(1);
    expect(text).not.toContain('before its last event');
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'failed', code: 'ENGINE_FAILED' }]);
  });

  test('within a frame of half a megabyte: the error stands in lines of its own', async () => {
    const large = protocol.frames(['字'.repeat(170_000)]).at(-1) ?? '';
    const { rig } = await house([...spoken.map(write), write(Buffer.from(large).subarray(0, 300_001)), wait(50), die]);

    const text = await (await ask(rig, protocol)).text();

    expect(text).toMatch(protocol.error);
  });
});

describe.each(PROTOCOLS)('bytes of an engine, told in $name', (protocol) => {
  const whole = Buffer.from([...protocol.frames(WORDS), ...protocol.end].join(''));

  test('that come one by one say what they say together', async () => {
    const together = await house([write(whole)]);
    const oneByOne = await house([...whole].map((byte) => write(Buffer.of(byte))));

    const expected = await (await ask(together.rig, protocol)).text();
    const answer = await (await ask(oneByOne.rig, protocol)).text();

    expect(saidIn(answer)).toEqual(saidIn(expected));
    expect(answer).toContain('llama 🦙 ');
    expect(answer).not.toContain('\ufffd');
  });

  test('in a frame of two megabytes arrive whole', async () => {
    const word = '字'.repeat(700_000);
    const { rig } = await house([...protocol.frames(['first ', word]), ...protocol.end].map(write));

    const text = await (await ask(rig, protocol)).text();

    expect(text.includes(word)).toBe(true);
    expect(text).not.toMatch(protocol.error);
  });
});

describe('an error event of the Responses API', () => {
  const respond = (rig: GatewayRig): Promise<Response> =>
    rig.post({ model: 'alpha', stream: true, input: 'hello' }, { path: '/v1/responses' });
  const numbersIn = (text: string): readonly number[] =>
    [...text.matchAll(/"sequence_number":(\d+)/g)].map(([, number]) => Number(number));

  test('has the next number of its stream, also where it is the first', async () => {
    const [late, never] = [
      await house([...toldFrames(WORDS).map(write), wait(20), die]),
      await house([wait(200), die], { holdMs: 20, attempts: 1 }),
    ];

    const [after, alone] = [await (await respond(late.rig)).text(), await (await respond(never.rig)).text()];

    expect(numbersIn(after).length).toBeGreaterThan(4);
    expect(numbersIn(after)).toEqual(numbersIn(after).map((_, at) => at));
    expect(numbersIn(alone)).toEqual([0]);
  });
});

describe('a line without an end', () => {
  test('is cut where it would be told, before it fills the memory', async () => {
    const protocol = PROTOCOLS.find(({ name }) => name === 'Anthropic messages');
    const endless = Array.from({ length: 40 }, () => write(Buffer.alloc(1024 * 1024, 'x')));
    const { rig } = await house([...toldFrames(WORDS).map(write), write('data: {"x":"'), ...endless]);

    const answer = protocol === undefined ? null : await ask(rig, protocol);

    expect(await answer?.text()).toMatch(protocol?.error ?? /never/);
    expect(await rig.untilEnded(1)).toMatchObject([{ ending: 'failed', code: 'ENGINE_FAILED' }]);
  });
});

describe('a reader', () => {
  const MANY = Array.from({ length: 4_000 }, (_, at) => chatFrame({ content: `${at} ${'字'.repeat(600)}` }));
  const chat = { model: 'alpha', stream: true, messages: hello };

  test('that is slow gets everything, and never has more than 256 KB waiting here', async () => {
    const { rig } = await house([...MANY, ...toldEnd].map(write));
    const reader = rawReader(rig, chat);
    let most = 0;
    let got = '';
    for await (const piece of reader) {
      got += String(piece);
      most = Math.max(most, rig.gateway.snapshot().bufferedBytes);
      if (most === 0 || got.length % 7 === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    }

    expect(most).toBeLessThanOrEqual(256 * 1024);
    expect([...got.matchAll(/"content":"(\d+) /g)].map((match) => Number(match[1]))).toEqual(MANY.map((_, at) => at));
    expect(got).toContain('data: [DONE]');
  });

  test('that stops at a whole answer of megabytes is cut, and it is never all in memory', async () => {
    const content = '字'.repeat(10_000_000);
    const whole = JSON.stringify({ choices: [{ message: { role: 'assistant', content }, finish_reason: 'stop' }] });
    const { rig } = await house([write(whole)], { stalledReaderMs: 300 }, 'application/json');
    const reader = rawReader(rig, { ...chat, stream: false, max_tokens: 9 }, { path: '/v1/messages' }).pause();

    await rig.untilEnded(1);
    const buffered = rig.gateway.snapshot().bufferedBytes;
    await expect.poll(() => rig.gateway.snapshot().bufferedBytes).toBe(0);

    expect(buffered).toBeLessThanOrEqual(256 * 1024);
    reader.destroy();
  });
});

/** A connection whose reading is the test's business alone. */
function rawReader(rig: GatewayRig, body: object, { path = '/v1/chat/completions' } = {}): Socket {
  const { hostname, port } = new URL(rig.url);
  const socket = connect({ host: hostname, port: Number(port) });
  const text = JSON.stringify(body);
  socket.on('error', () => {}); // being cut is what some tests wait for
  socket.write(
    `POST ${path} HTTP/1.1\r\nhost: drover\r\ncontent-type: application/json\r\nconnection: close\r\n` +
      `content-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  return socket;
}

/** Lines of a stream that ought to be values and are not. */
function linesThatAreNoJson(text: string): readonly string[] {
  return valuesIn(text).filter((line) => {
    try {
      return typeof JSON.parse(line) !== 'object';
    } catch {
      return true;
    }
  });
}

function valuesIn(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.replace(/^data: ?/, ''))
    .filter((line) => line !== '' && line !== '[DONE]' && !/^(event|id|retry):|^:/.test(line));
}

/** What a stream says: without the ids and times that each answer has for itself. */
function saidIn(text: string): readonly unknown[] {
  return valuesIn(text).map((line) =>
    JSON.parse(line, (key, value: unknown) =>
      ['id', 'item_id', 'created', 'created_at', 'completed_at'].includes(key) ? null : value,
    ),
  );
}
