import type { ServerResponse } from 'node:http';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { eventStream, failing, json, plainText, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import type { Answer } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { homePaths } from '../config/paths.ts';
import type { Client } from './client.ts';
import { parseEndpoint, showEndpoint } from './transport/endpoint.ts';
import { createClient } from './node-client.ts';
import type { ClientOptions } from './node-client.ts';
import { errorFromBody } from './transport/response.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

function clientOf(more: Partial<ClientOptions> = {}): Client {
  return createClient({ endpoint: { kind: 'socket', path: homePaths(home.path).socket }, ...more });
}

describe('an exchange', () => {
  test('brings the answer', async () => {
    await using controller = await startStandIn(home.path, { 'GET /v2/batches/*': json([]) });

    expect(await clientOf().tasks('B 1', { states: ['failed', 'aborted'] })).toEqual([]);
    expect(controller.asked[0]?.path).toBe('/v2/batches/B%201/tasks?state=failed%2Caborted&limit=5000');
  });

  test('rejects with the error that the controller tells, detail and all', async () => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/models/x': failing('MODEL_NOT_FOUND', 'no x', { hint: 'y?', detail: { near: ['y'] } }),
    });

    await expect(clientOf().model('x')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: 'no x',
      hint: 'y?',
      detail: { near: ['y'] },
    });
  });

  test('tells a hint once where the message ends with it, as in OpenAI’s envelope', () => {
    const body = { error: { message: 'no model "x"; try "y"', code: 'model_not_found', hint: 'try "y"' } };

    expect(errorFromBody(404, JSON.stringify(body))).toMatchObject({ message: 'no model "x"', hint: 'try "y"' });
  });

  test.each([
    [{ code: 500, message: 'CUDA error', type: 'server_error' }, 'ENGINE_FAILED'],
    [{ code: 'internal', message: 'a bug', type: 'server_error' }, 'INTERNAL'],
  ])('a 500 with %j is %s', (error, code) => {
    expect(errorFromBody(500, JSON.stringify({ error })).code).toBe(code);
  });

  test('rejects with DAEMON_UNREACHABLE when nothing listens', async () => {
    await expect(clientOf().status()).rejects.toMatchObject({ code: 'DAEMON_UNREACHABLE', detail: { refused: true } });
  });

  test('is tried once more when somebody mends that nothing listens', async () => {
    const started: AsyncDisposable[] = [];
    const recover = async (): Promise<void> => {
      started.push(await startStandIn(home.path, { 'GET /v2/models': json([]) }));
    };

    expect(await clientOf({ recover }).models()).toEqual([]);
    await started[0]?.[Symbol.asyncDispose]();
  });

  test('that is cut off in the middle is told as such, and not sent again', async () => {
    const cut: Answer = (_asked, response) => void response.destroy();
    await using controller = await startStandIn(home.path, { 'POST /v2/batches': cut });
    const recover = (): Promise<void> => Promise.reject(new Error('must not be asked'));

    await expect(clientOf({ recover }).submit({ folder: '/x' })).rejects.toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      detail: { refused: false },
    });
    expect(controller.asked).toHaveLength(1);
  });

  test('that only reads is asked once more when its controller dies under it', async () => {
    const waits: number[] = [];
    const cutFirst: Answer = (asked, response, request) => {
      if (waits.length > 0) return json([])(asked, response, request);
      response.destroy();
    };
    await using controller = await startStandIn(home.path, { 'GET /v2/models': cutFirst });

    expect(await clientOf({ wait: async (ms) => void waits.push(ms) }).models()).toEqual([]);
    expect(controller.asked).toHaveLength(2);
    expect(waits).toEqual([1_000]);
  });

  test('that only reads is asked once more when the answer breaks off in the middle', async () => {
    let asks = 0;
    const half: Answer = (asked, response, request) => {
      asks += 1;
      if (asks > 1) return json([])(asked, response, request);
      response.writeHead(200, { 'content-length': 100 });
      response.write('[', () => response.destroy());
    };
    await using _controller = await startStandIn(home.path, { 'GET /v2/models': half });

    expect(await clientOf().models()).toEqual([]);
  });

  test('says that nobody answers when the second try finds nobody', async () => {
    const cut: Answer = (_asked, response) => void response.destroy();
    const controller = await startStandIn(home.path, { 'GET /v2/models': cut });
    const wait = async (): Promise<void> => controller[Symbol.asyncDispose]();

    await expect(clientOf({ wait }).models()).rejects.toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      message: expect.stringContaining('no daemon answers'),
    });
  });

  test('about more tasks than a page holds goes on behind the last of each', async () => {
    const all = Array.from({ length: 7_000 }, (_, index) => ({ id: `t ${index}` }));
    const page: Answer = (asked, response, request) => {
      const { searchParams: query } = new URL(asked.path, 'http://x');
      const from = all.findIndex(({ id }) => id === query.get('after')) + 1;
      return json(all.slice(from, from + Number(query.get('limit'))))(asked, response, request);
    };
    await using controller = await startStandIn(home.path, { 'GET /v2/batches/B/tasks': page });

    expect(await clientOf().tasks('B')).toEqual(all);
    expect(await clientOf().tasks('B', { limit: 5_003 })).toEqual(all.slice(0, 5_003));
    expect(controller.asked.map(({ path }) => path.split('?')[1])).toEqual([
      'limit=5000',
      'after=t+4999&limit=5000',
      'limit=5000',
      'after=t+4999&limit=3',
    ]);
  });

  test('ends with the reason of its signal', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/models': () => {} });
    const leave = new AbortController();

    const asking = clientOf({ signal: leave.signal }).models();
    leave.abort(new Error('left'));

    await expect(asking).rejects.toThrow('left');
  });

  test('of text never cuts a character', async () => {
    const bytes = Buffer.from('grüße\n');
    const halves: Answer = (_asked, response) => {
      response.write(bytes.subarray(0, 3));
      setImmediate(() => response.end(bytes.subarray(3)));
    };
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances/a/logs': halves });

    let text = '';
    for await (const chunk of clientOf().instanceLogs('a')) text += chunk;

    expect(text).toBe('grüße\n');
  });

  test('of a summary is its text', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/batches/B/summary': plainText('# B', '\n') });

    expect(await clientOf().batchSummary('B')).toBe('# B\n');
  });
});

describe('the stream of facts', () => {
  const fact = (seq: number) => ({ seq, at: 'T', type: 'batch.started', subject: 'batch:B', data: {} });

  test('resumes behind the last fact when the connection is cut', async () => {
    const connections: ServerResponse[] = [];
    const events: Answer = (asked, response, request) => {
      connections.push(response);
      return eventStream(asked.path.includes('after=2') ? [fact(3)] : [fact(1), fact(2)])(asked, response, request);
    };
    await using controller = await startStandIn(home.path, { 'GET /v2/events': events });
    const seen: number[] = [];

    for await (const { seq } of clientOf({ wait: () => Promise.resolve() }).events({ batch: 'B', after: 0 })) {
      seen.push(seq);
      if (seq === 2) connections[0]?.destroy();
      if (seq === 3) break;
    }

    expect(seen).toEqual([1, 2, 3]);
    expect(controller.asked.map(({ path }) => path)).toEqual([
      '/v2/events?after=0&batch=B',
      '/v2/events?after=2&batch=B',
    ]);
  });

  test('waits longer and longer for a controller that does not come back, then gives up', async () => {
    const waits: number[] = [];
    const wait = (ms: number): Promise<void> => Promise.resolve(void waits.push(ms));

    const reading = clientOf({ wait }).events().next();

    await expect(reading).rejects.toMatchObject({ code: 'DAEMON_UNREACHABLE' });
    expect(waits.slice(0, 6)).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(waits).toHaveLength(60);
  });

  test('ends when its reader leaves', async () => {
    let gone: () => void = () => {};
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const events: Answer = (asked, response, request) => {
      response.once('close', gone);
      return eventStream([fact(1)])(asked, response, request);
    };
    await using _controller = await startStandIn(home.path, { 'GET /v2/events': events });

    const facts = clientOf().events();
    await facts.next();
    await facts.return(undefined);

    expect(await closed).toBeUndefined();
  });

  test('passes on what is no cut', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/events': failing('FORBIDDEN', 'no') });

    await expect(
      clientOf({ wait: () => Promise.resolve() })
        .events()
        .next(),
    ).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });
});

describe('an address', () => {
  test.each([
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080'],
    ['rig:8080', 'http://rig:8080'],
    ['http://[::1]:8080/', 'http://[::1]:8080'],
  ])('%s is a URL', (text, origin) => {
    expect(parseEndpoint(text)).toMatchObject({ kind: 'url', url: { origin } });
  });

  test.each([
    ['/run/drover.sock', '/run/drover.sock'],
    ['unix:/run/drover.sock', '/run/drover.sock'],
    ['unix:///run/drover.sock', '/run/drover.sock'],
    ['./drover.sock', './drover.sock'],
  ])('%s is a socket', (text, path) => {
    expect(parseEndpoint(text)).toEqual({ kind: 'socket', path });
  });

  test('behind ssh has user, port, program and home there', () => {
    expect(parseEndpoint('ssh://ann@rig:2222/opt/drover?home=/data')).toEqual({
      kind: 'ssh',
      destination: 'ann@rig',
      port: '2222',
      program: '/opt/drover',
      home: '/data',
    });
    expect(parseEndpoint('ssh://rig')).toMatchObject({ destination: 'rig', port: null, program: 'drover', home: null });
  });

  test.each(['ssh://ann@rig:2222/opt/drover?home=/data', 'ssh://rig', 'http://rig:8080', '/run/drover.sock'])(
    '%s is shown as it was written',
    (text) => {
      expect(showEndpoint(parseEndpoint(text))).toBe(text);
    },
  );

  test.each(['http://', 'a b', 'http://x:99999', 'ssh://', 'ssh://-x', 'ssh://-x@rig', 'ssh://u:p@rig'])(
    '"%s" is none',
    (text) => {
      expect(() => parseEndpoint(text)).toThrow('no address');
    },
  );
});
