import { expect, test } from 'vitest';

import type { ControllerFrame } from '../../contract/index.ts';
import { TestClock } from '../../kernel/index.ts';
import { AGENT_WAIT_MS, createCalls } from './calls.ts';

const ASK = { op: 'ensure-ready', name: 'alpha', by: 'operator' } as const;

function setUp() {
  const clock = new TestClock();
  const sent: ControllerFrame[] = [];
  return { clock, sent, calls: createCalls('rig', clock), send: (frame: ControllerFrame) => void sent.push(frame) };
}

test('a call that was not answered is sent again over the next link, and answered once', async () => {
  const { calls, send, sent } = setUp();
  calls.resend(send);
  const asked = calls.call(ASK, { timeoutMs: 60_000 });

  calls.linkDown();
  calls.resend(send);
  calls.answer({ kind: 'reply', id: 1, ok: true, value: 'ready' });

  expect(await asked).toBe('ready');
  expect(sent).toEqual([
    { kind: 'call', id: 1, call: ASK },
    { kind: 'call', id: 1, call: ASK },
  ]);
});

test('a call to an agent that does not come back ends with AGENT_UNAVAILABLE, long before its own timeout', async () => {
  const { calls, clock } = setUp();
  const refused = calls.call(ASK, { timeoutMs: 600_000 }).catch((error: unknown) => error);

  await clock.advance(AGENT_WAIT_MS);

  expect(await refused).toMatchObject({ code: 'AGENT_UNAVAILABLE' });
});

test('a link that comes in time ends the waiting for it', async () => {
  const { calls, clock, send } = setUp();
  const asked = calls.call(ASK, { timeoutMs: 600_000 });

  await clock.advance(AGENT_WAIT_MS - 1);
  calls.resend(send);
  await clock.advance(AGENT_WAIT_MS);
  calls.answer({ kind: 'fail', id: 1, error: { code: 'PORT_TAKEN', message: 'port 8001 is taken', hint: null } });

  await expect(asked).rejects.toMatchObject({ code: 'PORT_TAKEN' });
});

test('a connected agent that takes too long is a TIMEOUT that says the work goes on', async () => {
  const { calls, clock, send } = setUp();
  calls.resend(send);
  const refused = calls.call(ASK, { timeoutMs: 1_000 }).catch((error: unknown) => error);

  await clock.advance(1_000);

  expect(await refused).toMatchObject({ code: 'TIMEOUT' });
});
