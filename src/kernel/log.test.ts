import { expect, test } from 'vitest';

import { createLog } from './log.ts';

function sinkOf() {
  const lines: string[] = [];
  return { lines, sink: { write: (line: string) => void lines.push(line) } };
}

test('a child stands in its parent’s place: each field is written once', () => {
  const { lines, sink } = sinkOf();

  const log = createLog('controller', 'info', sink);
  log.child({ component: 'store', place: 'a' }).child({ place: 'b' }).info({ from: 1 }, 'opened');

  expect(lines[0]?.match(/"component"/g)).toHaveLength(1);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({
    level: 'info',
    component: 'store',
    place: 'b',
    from: 1,
    msg: 'opened',
  });
});

test('keys are masked, and what is below the level is not written', () => {
  const { lines, sink } = sinkOf();

  const log = createLog('agent', 'info', sink).child({ instance: 'chat' });
  log.debug({}, 'quiet');
  log.warn({ key: 'secret', engine: { key: 'secret' } }, 'told');

  expect(lines).toHaveLength(1);
  expect(lines[0]).not.toContain('secret');
});

test('another level counts at once, for children that were there before', () => {
  const { lines, sink } = sinkOf();
  const log = createLog('agent', 'info', sink);
  const child = log.child({ instance: 'chat' });

  log.setLevel('debug');
  child.debug({}, 'told');
  log.setLevel('silent');
  child.error({}, 'quiet');

  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([{ msg: 'told', instance: 'chat' }]);
});

test('a component that is named goes by a level of its own, also when it changes', () => {
  const { lines, sink } = sinkOf();
  const log = createLog('agent', 'warn', sink);
  const worker = log.child({ component: 'worker' }).child({ attempt: 'a' });

  worker.debug({}, 'one');
  log.setLevel('warn', { worker: 'debug' });
  worker.debug({}, 'two');
  log.info({}, 'three');
  log.setLevel('warn');
  worker.debug({}, 'four');

  expect(lines.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['two']);
});
