/** What single clients send and need, over real sockets before a synthetic engine: shapes, errors, keep-alives, names. */

import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

import { describe, expect, test } from 'vitest';

import {
  BILLING_LINE,
  CLAUDE_CODE_HEADERS,
  claudeCodeRequest,
  codexRequest,
} from '../../../test/support/client-requests.ts';
import { closedAfterEach } from '../../../test/support/closed-after-each.ts';
import { report, startGateway } from '../../../test/support/gateway-rig.ts';
import type { GatewayRig } from '../../../test/support/gateway-rig.ts';
import { startSyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { SyntheticUpstream } from '../../../test/support/synthetic-upstream.ts';
import type { GatewayLimits } from '../index.ts';

const opened = closedAfterEach();

type EngineKind = 'embedded' | 'llama-server';

async function house(
  kind: EngineKind,
  limits: Partial<GatewayLimits> = {},
): Promise<{ readonly engine: SyntheticUpstream; readonly rig: GatewayRig }> {
  const engine = opened(await startSyntheticUpstream({ slots: 1 }));
  const instance = { name: 'alpha', port: engine.port };
  const rig = opened(await startGateway([instance], { limits }));
  rig.gateway.onInstance(report(instance, { engine: kind }));
  return { engine, rig };
}

type Json = Record<string, unknown>;

/** What the engine was asked last. */
function asked(engine: SyntheticUpstream): { readonly path: string; readonly body: Json } {
  const last = engine.stats().requests.at(-1);
  return { path: last?.path ?? '', body: JSON.parse(last?.body ?? '{}') as Json };
}

const hello = [{ role: 'user', content: 'hello' }];

describe('Claude Code', () => {
  test('is understood: turns, tools and results reach an engine that only chats', async () => {
    const { engine, rig } = await house('embedded');

    const answer = await rig.post(claudeCodeRequest('alpha'), {
      path: '/v1/messages?beta=true',
      headers: CLAUDE_CODE_HEADERS,
    });

    const text = await answer.text();
    const { path, body } = asked(engine);
    expect(answer.headers.get('content-type')).toContain('text/event-stream');
    expect(text).toMatch(/^event: message_start\n[^]*event: message_stop\ndata: {"type":"message_stop"}\n\n$/);
    expect(path).toBe('/v1/chat/completions');
    expect(body['messages']).toMatchObject([
      { role: 'system', content: 'You are Claude Code, a command line tool.\n\nBe concise.' },
      { role: 'user', content: expect.stringMatching(/List the files\.\n\n<system-reminder>\nTwo other agents/) },
      {
        role: 'assistant',
        content: 'I will look.',
        reasoning_content: 'ls will do',
        tool_calls: [{ id: 'toolu_01', function: { name: 'Bash' } }],
      },
      { role: 'tool', tool_call_id: 'toolu_01', content: 'README.md' },
    ]);
    expect((body['tools'] as Json[]).map((tool) => (tool['function'] as Json)['name'])).toEqual([
      'Bash',
      'WebFetch',
      'TodoWrite',
    ]);
    expect(Object.keys(body).filter((name) => ['thinking', 'metadata', 'context_management'].includes(name))).toEqual(
      [],
    );
  });

  test('is told by a llama-server in the same way, which bounds what it thinks', async () => {
    const { engine, rig } = await house('llama-server');
    const thinking = { type: 'enabled', budget_tokens: 1_024 };

    await rig.post({ ...claudeCodeRequest('alpha'), thinking }, { path: '/v1/messages' });

    const { path, body } = asked(engine);
    expect(path).toBe('/v1/chat/completions');
    expect(JSON.stringify(body)).not.toContain(BILLING_LINE.slice(0, 20));
    expect(body).toMatchObject({ return_progress: true, thinking_budget_tokens: 1_024 });
  });

  test('shows pictures that a tool has brought after what the tool says', async () => {
    const { engine, rig } = await house('embedded');
    const source = { type: 'base64', media_type: 'image/png', data: 'AA==' };
    const content = [
      { type: 'text', text: 'one picture' },
      { type: 'image', source },
    ];
    const result = { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_01', content }] };

    await rig.post({ model: 'alpha', max_tokens: 9, messages: [...hello, result] }, { path: '/v1/messages' });

    expect(asked(engine).body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'tool', content: 'one picture' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
    ]);
  });

  test('gets the shape of an answer that it asks for, also as older clients ask', async () => {
    const { engine, rig } = await house('embedded');
    const format = { type: 'json_schema', schema: { type: 'object' } };
    const ask = { model: 'alpha', max_tokens: 9, messages: hello };

    await rig.post({ ...ask, output_config: { format, effort: 'low' } }, { path: '/v1/messages' });
    const now = asked(engine).body;
    await rig.post({ ...ask, output_format: format }, { path: '/v1/messages' });
    const before = asked(engine).body;

    const shape = { type: 'json_schema', json_schema: { schema: { type: 'object' } } };
    expect(now).toMatchObject({ response_format: shape });
    expect(before).toEqual(now);
  });

  test('gets pings while it waits in the queue, and an error event when the engine dies', async () => {
    const { engine, rig } = await house('embedded', { holdMs: 10, keepAliveMs: 10 });
    const first = rig.post({ model: 'alpha', messages: hello, synthetic: { prefillMs: 150 } });
    await engine.until((stats) => stats.inFlight === 1);

    const request = {
      model: 'alpha',
      max_tokens: 9,
      messages: hello,
      stream: true,
      synthetic: { tokens: 5, dieAt: 3, gapMs: 30 },
    };
    const answer = await rig.post(request, { path: '/v1/messages' });

    const text = await answer.text();
    await first;
    expect(answer.status).toBe(200);
    expect(text).toMatch(/^event: ping\ndata: {"type":"ping"}\n\n[^]*event: message_start/);
    expect(text).toMatch(/event: error\ndata: {"type":"error","error":{"type":"api_error","message":"[^\n]*"}}\n\n$/);
  });

  test('hears of errors in its own shape', async () => {
    const { rig } = await house('embedded');
    const post = (body: object) => rig.post(body, { path: '/v1/messages' });

    const unknown = await post({ model: 'nobody', max_tokens: 4, messages: hello });
    const unlimited = await post({ model: 'alpha', messages: hello });
    const engineError = await post({ model: 'alpha', max_tokens: 4, messages: hello, synthetic: { status: 400 } });

    expect([unknown.status, unlimited.status, engineError.status]).toEqual([404, 400, 400]);
    expect(await unknown.json()).toMatchObject({ type: 'error', error: { type: 'not_found_error' } });
    expect(await unlimited.json()).toMatchObject({ error: { type: 'invalid_request_error', message: /max_tokens/ } });
    expect(await engineError.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } });
  });

  test('hears of what the engine refuses late in words of one sentence, not of a failure', async () => {
    const { rig } = await house('embedded', { holdMs: 10, keepAliveMs: 10 });
    const late = { prefillMs: 60, status: 400, message: '"options" is unknown' };

    const answer = await rig.post(
      { model: 'alpha', max_tokens: 4, messages: hello, stream: true, synthetic: late },
      { path: '/v1/messages' },
    );

    const error = { type: 'error', error: { type: 'invalid_request_error', message: late.message } };
    expect(answer.status).toBe(200);
    const told = (await answer.text()).split('\n\n');
    expect(told[0]).toBe('event: ping\ndata: {"type":"ping"}');
    expect(told.at(-2)).toBe(`event: error\ndata: ${JSON.stringify(error)}`);
  });

  test('is told with 529 that the queue is full', async () => {
    const { engine, rig } = await house('embedded', { queueLength: 0 });
    const leave = new AbortController();
    const taken = rig.post(
      { model: 'alpha', messages: hello, synthetic: { prefillMs: 60_000 } },
      { signal: leave.signal },
    );
    await engine.until((stats) => stats.inFlight === 1);

    const full = await rig.post({ model: 'alpha', max_tokens: 4, messages: hello }, { path: '/v1/messages' });

    expect([full.status, full.headers.has('retry-after')]).toEqual([529, true]);
    expect(await full.json()).toMatchObject({ type: 'error', error: { type: 'overloaded_error' } });
    leave.abort();
    await taken.catch(() => 'left');
  });
});

describe('Codex', () => {
  test('is understood, and tools that nobody here can run are left out', async () => {
    const { engine, rig } = await house('embedded');

    const answer = await rig.post(codexRequest('alpha'), { path: '/v1/responses' });

    const text = await answer.text();
    const { body } = asked(engine);
    expect(text).toMatch(/^event: response\.created\n[^]*event: response\.completed\n[^\n]*\n\n$/);
    expect(body['messages']).toMatchObject([
      { role: 'system', content: expect.stringMatching(/^You are Codex, running in a terminal\.\n\nThere are two/) },
      { role: 'user', content: '<environment_context>bash</environment_context>\n\nList the files.' },
      { role: 'assistant', tool_calls: [{ id: 'call_1', function: { name: 'shell' } }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'README.md' },
      { role: 'assistant', tool_calls: [{ id: 'call_2', function: { name: 'agents__ask' } }] },
      { role: 'tool', tool_call_id: 'call_2', content: 'gone' },
    ]);
    expect(body['tools']).toMatchObject([{ function: { name: 'shell' } }, { function: { name: 'agents__ask' } }]);
    expect(body).toMatchObject({ max_tokens: 24, tool_choice: 'auto', parallel_tool_calls: false, stream: true });
    expect(Object.keys(body).filter((name) => ['reasoning', 'include', 'store', 'text'].includes(name))).toEqual([]);
  });

  test('shows pictures that tools have brought after what all of them say', async () => {
    const { engine, rig } = await house('embedded');
    const call = (call_id: string) => ({ type: 'function_call', call_id, name: 'view_image', arguments: '{}' });
    const output = [
      { type: 'input_text', text: 'one picture' },
      { type: 'input_image', image_url: 'data:image/png;base64,AA==' },
    ];
    const results = [
      { type: 'function_call_output', call_id: 'call_1', output },
      { type: 'function_call_output', call_id: 'call_2', output: 'none' },
    ];

    await rig.post(
      { model: 'alpha', input: [...hello, call('call_1'), call('call_2'), ...results] },
      { path: '/v1/responses' },
    );

    expect(asked(engine).body['messages']).toMatchObject([
      { role: 'user' },
      { role: 'assistant', tool_calls: [{ id: 'call_1' }, { id: 'call_2' }] },
      { role: 'tool', tool_call_id: 'call_1', content: 'one picture' },
      { role: 'tool', tool_call_id: 'call_2', content: 'none' },
      { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } }] },
    ]);
  });

  test('is told that answers are not stored', async () => {
    const { rig } = await house('embedded');

    const answer = await rig.post(
      { model: 'alpha', input: 'go on', previous_response_id: 'resp_1' },
      { path: '/v1/responses' },
    );

    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param: 'previous_response_id' } });
  });

  test('gets an error event when the engine dies in the middle', async () => {
    const { rig } = await house('embedded');

    const answer = await rig.post(
      { model: 'alpha', input: 'hello', stream: true, synthetic: { tokens: 5, dieAt: 3, gapMs: 30 } },
      { path: '/v1/responses' },
    );

    expect(await answer.text()).toMatch(/event: error\ndata: {"type":"error","code":"engine_failed"[^\n]*}\n\n$/);
  });
});

describe('clients of Ollama', () => {
  test('whose chat is no list of messages are told so, not that a model was loaded', async () => {
    const { rig } = await house('embedded');

    const answer = await rig.post({ model: 'alpha', messages: 5 }, { path: '/api/chat' });

    expect(answer.status).toBe(400);
    expect(await answer.json()).toEqual({ error: expect.stringContaining('must be a list of messages') });
  });

  test('get lines that say nothing while they wait, and an error line when the engine dies', async () => {
    const { engine, rig } = await house('embedded', { holdMs: 10, keepAliveMs: 10 });
    const first = rig.post({ model: 'alpha', messages: hello, synthetic: { prefillMs: 150 } });
    await engine.until((stats) => stats.inFlight === 1);

    const answer = await rig.post({ model: 'alpha', messages: hello }, { path: '/api/chat' });

    const lines = (await answer.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Json);
    await first;
    expect(answer.headers.get('content-type')).toBe('application/x-ndjson');
    expect(lines[0]).toMatchObject({ done: false, message: { content: '' } });
    expect(lines.at(-1)).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 7 });
  });

  test('find the server by its root, and hear in words what is not done here', async () => {
    const { rig } = await house('embedded');

    const root = await fetch(`${rig.url}/`);
    const create = await rig.post({ model: 'x' }, { path: '/api/create' });

    expect(await root.text()).toBe('Ollama is running');
    expect([create.status, await create.json()]).toEqual([404, { error: expect.stringContaining('not made') }]);
  });
});

describe('clients that complete code', () => {
  test('have a suffix filled in by the engine that can', async () => {
    const { engine, rig } = await house('llama-server');

    await rig.post(
      { model: 'alpha', prompt: 'def f(', suffix: 'return 1', max_tokens: 9 },
      { path: '/v1/completions' },
    );

    const { path, body } = asked(engine);
    expect(path).toBe('/infill');
    expect(body).toMatchObject({ input_prefix: 'def f(', input_suffix: 'return 1', n_predict: 9 });
  });
});

describe('a form with a file', () => {
  test('is passed on as it is, by the model that it names', async () => {
    const seen: { type: string; body: Buffer }[] = [];
    const port = await listener(async (request, response) => {
      seen.push({ type: request.headers['content-type'] ?? '', body: await bytesOf(request) });
      response.setHeader('content-type', 'application/json').end('{"text":"said"}');
    });
    const rig = opened(await startGateway([{ name: 'alpha', port }]));
    const form = new FormData();
    form.set('file', new Blob([Buffer.from([0, 255, 13, 10, 1])]), 'a.wav');
    form.set('model', 'alpha');

    const answer = await fetch(`${rig.url}/v1/audio/transcriptions`, { method: 'POST', body: form });
    const nameless = await fetch(`${rig.url}/v1/audio/transcriptions`, { method: 'POST', body: new FormData() });

    expect(await answer.json()).toEqual({ text: 'said' });
    expect(seen[0]?.type).toMatch(/^multipart\/form-data; boundary=/);
    expect(seen[0]?.body.includes(Buffer.from([0, 255, 13, 10, 1]))).toBe(true);
    expect(nameless.status).toBe(400);
  });
});

async function listener(answer: RequestListener): Promise<number> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  opened({
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return (server.address() as AddressInfo).port; // a TCP server has an AddressInfo
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer); // no encoding is set
  return Buffer.concat(chunks);
}

describe('whoever waits in the queue', () => {
  test('is told where and for how long, once it is known how long one takes', async () => {
    const { engine, rig } = await house('embedded', { holdMs: 10, keepAliveMs: 10 });
    await rig.post({ model: 'alpha', messages: hello });
    const first = rig.post({ model: 'alpha', messages: hello, synthetic: { prefillMs: 150 } });
    await engine.until((stats) => stats.inFlight === 1);

    const answer = await rig.post({ model: 'alpha', messages: hello, stream: true });

    expect(await answer.text()).toMatch(/^: queued pos=1 eta_ms=\d+\n\n/);
    await first;
  });
});
