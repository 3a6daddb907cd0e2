import { describe, expect, test } from 'vitest';

import { json, startDoor } from '../../../test/support/cli/controller-stand-in.ts';
import type { Answer } from '../../../test/support/cli/controller-stand-in.ts';
import type { TaskEvent } from '../../contract/inference-tasks.ts';
import { Drover as BrowserDrover } from '../browser.ts';
import { Drover as NodeDrover } from '../index.ts';

const FACES = [
  { name: 'over Node', Drover: NodeDrover },
  { name: 'over fetch', Drover: BrowserDrover },
];

const EVENTS = [
  'id: 1\nevent: queued\ndata: {"position":1,"predicted_start_ms":5}\n\n',
  'id: 2\nevent: started\ndata: {"instance":"alpha","queue_wait_ms":3}\n\n',
  'id: 3\nevent: token\ndata: {"t":"字","i":0}\n\n',
  'id: 4\nevent: token\ndata: {"t":"!","i":1}\n\n',
  'id: 5\nevent: end\ndata: {"stop_reason":"stop"}\n\n',
];

/** Tells so many events behind the one that the reader has had, and half of the next; then the connection breaks. */
function telling(atOnce: number, asked: (string | undefined)[]): Answer {
  return (_asked, response, request) => {
    const last = request.headers['last-event-id'];
    asked.push(typeof last === 'string' ? last : undefined);
    const [from, to] = [Number(last), Number(last) + atOnce];
    if (from === EVENTS.length) return void response.writeHead(204).end();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`: ping\n\n${EVENTS.slice(from, to).join('')}`);
    if (to >= EVENTS.length) return void response.end();
    response.write(EVENTS[to]?.slice(0, 12), () => response.destroy());
  };
}

async function readAll(events: AsyncIterable<TaskEvent>): Promise<readonly TaskEvent[]> {
  const read: TaskEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
}

describe.each(FACES)('tasks $name', ({ Drover }) => {
  test('are created with a key of idempotency, and again after a refusal for now', async () => {
    const keys: unknown[] = [];
    const fullOnce: Answer = (asked, response, request) => {
      keys.push(request.headers['idempotency-key']);
      if (keys.length > 1) return json({ task_id: 'req_1' }, 202)(asked, response, request);
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': '5' });
      response.end('{"error":{"code":"QUEUE_FULL","message":"full"}}');
    };
    await using door = await startDoor({ 'POST /v2/tasks': fullOnce });

    const drover = new Drover({ host: door.url });
    const accepted = await drover.tasks.create({ model: 'm', prompt: 'hi' }, { idempotencyKey: 'k' });

    expect(accepted).toEqual({ task_id: 'req_1' });
    expect(keys).toEqual(['k', 'k']);
  });

  test.each([1, 2, 3, 4])('are streamed once, when each connection breaks after %i events', async (atOnce) => {
    const asked: (string | undefined)[] = [];
    await using door = await startDoor({ 'GET /v2/tasks/*': telling(atOnce, asked) });

    const events = await readAll(new Drover({ host: door.url }).tasks.stream('req_1'));

    expect(events.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5]);
    expect(events[2]).toEqual({ id: 3, event: 'token', data: { t: '字', i: 0 } });
    expect(asked).toHaveLength(Math.ceil(EVENTS.length / atOnce));
  });

  test('are read on behind an event, and end where nothing follows', async () => {
    const asked: (string | undefined)[] = [];
    await using door = await startDoor({ 'GET /v2/tasks/*': telling(9, asked) });
    const { tasks } = new Drover({ host: door.url });

    expect((await readAll(tasks.stream('req_1', { after: 4 }))).map(({ id }) => id)).toEqual([5]);
    expect(await readAll(tasks.stream('req_1', { after: 5 }))).toEqual([]);
  });
});
