import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { eventStream, json, startDoor, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { READY } from '../../test/support/cli/told-views.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

describe('infer', () => {
  const chunk = (content: string, more: object = {}) => ({ choices: [{ delta: { content }, ...more }] });
  const usage = { choices: [], usage: { prompt_tokens: 4, completion_tokens: 2 } };

  test('prints tokens to stdout and statistics to stderr', async () => {
    const events = [chunk('Hel'), chunk('lo'), chunk('', { finish_reason: 'stop' }), usage, '[DONE]'];
    await using controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': eventStream(events, { end: true }),
    });

    const run = await home.run(
      ['infer', '--model', 'chat', '--prompt', '-', '--system', 'Be brief.', '--max-tokens', '9', '--seed', '7'],
      {
        input: 'hi',
      },
    );

    expect(run).toMatchObject({ code: 0, stdout: 'Hello\n' });
    expect(run.stderr).toMatch(/4 prompt tokens · 2 tokens in .* · stop reason stop\n$/);
    expect(controller.asked[0]?.body).toMatchObject({
      model: 'chat',
      max_tokens: 9,
      seed: 7,
      stream: true,
      messages: [
        { role: 'system', content: 'Be brief.' },
        { role: 'user', content: 'hi' },
      ],
    });
  });

  test('hands on how to sample', async () => {
    await using controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': eventStream([chunk('a'), '[DONE]'], { end: true }),
    });
    const sampling = ['--temperature', '0.5', '--top-p', '0.9', '--top-k', '40', '--min-p', '0.1'];

    await home.run(['infer', '--model', 'm', '--prompt', 'x', ...sampling, '--stop', '.', '--stop', '!']);

    expect(controller.asked[0]?.body).toMatchObject({
      temperature: 0.5,
      top_p: 0.9,
      top_k: 40,
      min_p: 0.1,
      stop: ['.', '!'],
    });
  });

  test('asks one worker with the key that the daemon has of it, or that is given', async () => {
    const keys: unknown[] = [];
    await using worker = await startDoor({
      'POST /v1/chat/completions': (asked, response, request) => {
        keys.push(request.headers.authorization);
        return eventStream([chunk('a'), '[DONE]'], { end: true })(asked, response, request);
      },
    });
    const port = Number(new URL(worker.url).port);
    await using _controller = await startStandIn(home.path, {
      'GET /v2/instances': json([{ ...READY, port }]),
      'GET /v2/instances/chat': json({ view: READY, report: { key: 'k1' } }),
    });
    const ask = ['infer', '--worker', `127.0.0.1:${port}`, '--prompt', 'x'];

    expect(await home.run(ask)).toMatchObject({ code: 0, stdout: 'a\n' });
    expect(await home.run(ask, { env: { DROVER_ENGINE_KEY: 'k2' } })).toMatchObject({ code: 0 });
    expect(keys).toEqual(['Bearer k1', 'Bearer k2']);
  });

  test('a worker that is not there is exit 6, and nobody at all is exit 2', async () => {
    const gone = await startDoor({});
    await gone[Symbol.asyncDispose]();

    expect(await home.run(['infer', '--worker', gone.url, '--prompt', 'x'])).toMatchObject({
      code: 6,
      stderr: expect.stringContaining(`nothing answers at ${gone.url}`),
    });
    expect(await home.run(['infer', '--prompt', 'x'])).toMatchObject({ code: 2 });
  });

  test('with --json prints one object', async () => {
    const events = [chunk('Hi'), chunk('', { finish_reason: 'length' }), usage, '[DONE]'];
    const headers = { 'x-drover-queue-ms': '12', 'x-drover-instance': 'alpha' };
    await using _controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': eventStream(events, { end: true, headers }),
    });

    const run = await home.run(['infer', '--model', 'chat', '--prompt', 'x', '--json']);

    expect(JSON.parse(run.stdout)).toMatchObject({
      model: 'chat',
      text: 'Hi',
      queue_wait_ms: 12,
      prompt_tokens: 4,
      completion_tokens: 2,
      stop_reason: 'length',
    });
  });

  test.each([
    [404, 'model_not_found', 3],
    [400, 'context_length_exceeded', 2],
    [400, 'invalid_request', 2],
    [403, 'forbidden', 9],
    [429, 'queue_full', 1],
    [503, 'instance_stopped', 1],
    [504, 'timeout', 7],
    [502, 'engine_failed', 8],
    [500, 'something_new', 8],
  ])('status %i with code %s is exit %i', async (status, code, exit) => {
    await using _controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': json({ error: { message: 'said the front door', type: 'error', code } }, status),
    });

    const run = await home.run(['infer', '--model', 'x', '--prompt', 'y']);

    expect(run).toMatchObject({ code: exit, stderr: expect.stringContaining('said the front door') as string });
  });

  test('an error in the middle of the stream, or a stream that just ends, is exit 8', async () => {
    const broken = { error: { message: 'the engine died', code: 'engine_failed' } };
    await using _controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': (asked, response, request) => {
        const events = JSON.stringify(asked.body).includes('"loud"') ? [chunk('a'), broken] : [chunk('a')];
        return eventStream(events, { end: true })(asked, response, request);
      },
    });

    expect(await home.run(['infer', '--model', 'loud', '--prompt', 'y'])).toMatchObject({ code: 8, stdout: 'a' });
    expect(await home.run(['infer', '--model', 'quiet', '--prompt', 'y'])).toMatchObject({ code: 8, stdout: 'a' });
  });

  test('Ctrl-C aborts upstream and exits 130', async () => {
    const interrupt = new AbortController();
    let gone: () => void = () => {};
    const upstreamGone = new Promise<void>((resolve) => (gone = resolve));
    await using _controller = await startStandIn(home.path, {
      'POST /v1/chat/completions': (asked, response, request) => {
        response.once('close', gone);
        return eventStream([chunk('first')])(asked, response, request);
      },
    });

    const running = home.run(['infer', '--model', 'x', '--prompt', 'y'], {
      signal: interrupt.signal,
      onOutput: () => interrupt.abort(new Error('interrupted')),
    });

    expect(await running).toMatchObject({ code: 130, stderr: '\n' });
    await upstreamGone;
  });
});
