import type { IncomingMessage } from 'node:http';

import { describe, expect, test } from 'vitest';

import { eventStream, failing, json, startDoor } from '../../../test/support/cli/controller-stand-in.ts';
import type { Answer } from '../../../test/support/cli/controller-stand-in.ts';
import { Drover as BrowserDrover } from '../browser.ts';
import { Drover as NodeDrover } from '../index.ts';

const FACES = [
  { name: 'over Node', Drover: NodeDrover },
  { name: 'over fetch', Drover: BrowserDrover },
];

describe.each(FACES)('the SDK $name', ({ Drover }) => {
  test('asks by nouns, with the key', async () => {
    const requests: IncomingMessage[] = [];
    const models: Answer = (asked, response, request) => {
      requests.push(request);
      return json([{ id: 'demo' }])(asked, response, request);
    };
    await using door = await startDoor({ 'GET /v2/models': models });

    expect(await new Drover({ host: door.url, key: 'drv_x' }).models.list()).toEqual([{ id: 'demo' }]);
    expect(requests[0]?.headers).toMatchObject({ authorization: 'Bearer drv_x', accept: 'application/json' });
  });

  test('sends a body, and rejects with what the controller tells', async () => {
    const refusal = failing('MODEL_EXISTS', 'there is one', { hint: 'take another', detail: { id: 'a' } });
    await using door = await startDoor({ 'POST /v2/models/pull': refusal });

    const pulling = new Drover({ host: door.url }).models.pull({ reference: 'hf:a/b' });

    await expect(pulling).rejects.toMatchObject({ code: 'MODEL_EXISTS', hint: 'take another', detail: { id: 'a' } });
    expect(door.asked[0]?.body).toEqual({ reference: 'hf:a/b' });
  });

  test('asks again what was refused for now, after the time that it is told', async () => {
    await using door = await startDoor({ 'POST /v1/chat/completions': fullThenGood(2) });

    let text = '';
    const chat = new Drover({ host: door.url }).chat({ model: 'm', messages: [] });
    for await (const event of chat) if (event.kind === 'text') text += event.text;

    expect(text).toBe('hello');
    expect(door.asked).toHaveLength(3);
  });

  test('gives up after so many tries, and tells the time', async () => {
    await using door = await startDoor({ 'POST /v1/chat/completions': fullThenGood(9) });

    const chat = new Drover({ host: door.url, maxRetries: 1 }).chat({ model: 'm', messages: [] });

    await expect(chat.next()).rejects.toMatchObject({ code: 'QUEUE_FULL', detail: { retry_after_ms: 5 } });
    expect(door.asked).toHaveLength(2);
  });

  test('never cuts a character of a stream, and closes it when its reader leaves', async () => {
    let gone: () => void = () => {};
    const closed = new Promise<void>((resolve) => (gone = resolve));
    const facts: Answer = (_asked, response) => {
      response.once('close', gone);
      const bytes = Buffer.from(`data: ${JSON.stringify({ seq: 1, subject: 'grüße' })}\n\n`);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const cut = bytes.indexOf(0xc3) + 1;
      response.write(bytes.subarray(0, cut), () => response.write(bytes.subarray(cut)));
    };
    await using door = await startDoor({ 'GET /v2/events': facts });

    for await (const fact of new Drover({ host: door.url }).facts.stream()) {
      expect(fact.subject).toBe('grüße');
      break;
    }

    expect(await closed).toBeUndefined();
  });

  test('rejects with the reason of its signal, in the middle of an answer, too', async () => {
    const leave = new AbortController();
    await using door = await startDoor({ 'GET /v2/instances/a/logs': (_asked, response) => void response.write('a') });
    const logs = new Drover({ host: door.url }).instances.logs('a', { signal: leave.signal });
    await logs.next();

    leave.abort(new Error('left'));

    await expect(logs.next()).rejects.toThrow('left');
  });

  test('ends a stream of facts quietly when its signal aborts', async () => {
    const leave = new AbortController();
    await using door = await startDoor({ 'GET /v2/events': eventStream([{ seq: 1 }]) });
    const facts = new Drover({ host: door.url }).facts.stream({ signal: leave.signal });
    await facts.next();

    leave.abort(new Error('left'));

    expect(await facts.next()).toEqual({ done: true, value: undefined });
  });

  test('says who does not answer', async () => {
    const door = await startDoor({});
    await door[Symbol.asyncDispose]();

    const asking = new Drover({ host: door.url, maxRetries: 0 }).models.register({ id: 'a', path: '/a' });

    await expect(asking).rejects.toMatchObject({
      code: 'DAEMON_UNREACHABLE',
      message: expect.stringContaining(door.url),
    });
  });
});

test('a page cannot reach a socket', () => {
  expect(() => new BrowserDrover({ host: '/run/drover.sock' })).toThrow('by its address alone');
});

/** As the front door refuses; what comes at last is a stream. */
function fullThenGood(refusals: number): Answer {
  let left = refusals;
  return (asked, response, request) => {
    if (left-- > 0) {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '1', 'retry-after-ms': '5' });
      response.end(JSON.stringify({ error: { message: 'full', code: 'queue_full' } }));
      return;
    }
    const chunk = { choices: [{ delta: { content: 'hello' } }] };
    return eventStream([chunk, '[DONE]'], { end: true })(asked, response, request);
  };
}
