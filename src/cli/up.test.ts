import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { eventStream, failing, json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { READY } from '../../test/support/cli/told-views.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

describe('up', () => {
  const changed = (to: string) => ({
    seq: 1,
    at: 'T',
    type: 'instance.changed',
    subject: 'instance:chat',
    data: { from: 'stopped', to, pid: null, port: null, reason: null, delay_ms: null, restarts: 0 },
  });

  test('tells the phases on stderr and the outcome on stdout', async () => {
    await using controller = await startStandIn(home.path, {
      'GET /v2/events': eventStream([changed('loading')]),
      'POST /v2/instances/chat/start': async (asked, response) => {
        // Events come on another connection: they are told and read before the answer.
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        await json(READY)(asked, response, undefined as never);
      },
    });

    const run = await home.run(['up', 'chat', '--timeout', '5']);

    expect(run).toMatchObject({ code: 0, stderr: 'chat: loading\n' });
    expect(run.stdout).toMatch(/^chat is ready on port 8001, after /);
    expect(controller.asked.at(-1)?.body).toEqual({ wait: true, timeout_ms: 5_000 });
  });

  test('with --no-wait returns when the controller knows', async () => {
    await using controller = await startStandIn(home.path, {
      'POST /v2/instances/chat/start': json({ ...READY, status: 'starting', port: null }),
    });

    expect(await home.run(['up', 'chat', '--no-wait'])).toEqual({ code: 0, stdout: 'chat is starting\n', stderr: '' });
    expect(controller.asked).toHaveLength(1);
  });

  test.each([
    ['INSTANCE_NOT_FOUND', 3],
    ['CONFIG_INVALID', 4],
    ['MODEL_FILE_MISSING', 4],
    ['MODEL_FILE_INVALID', 4],
    ['PORT_TAKEN', 5],
    ['TIMEOUT', 7],
    ['ENGINE_START_FAILED', 8],
    ['MEMORY_INSUFFICIENT', 8],
    ['FORBIDDEN', 9],
  ] as const)('%s from the controller is exit %i, with its hint', async (code, exit) => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/events': eventStream([]),
      'POST /v2/instances/chat/start': failing(code, 'what happened', { hint: 'what to do' }),
    });

    const run = await home.run(['up', 'chat']);

    expect(run.code).toBe(exit);
    expect(run.stderr).toContain(`error ${code} what happened\nhint: what to do\n`);
  });

  test('of several instances each failure is told, and the others come up', async () => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/events': eventStream([]),
      'POST /v2/instances/chat/start': json(READY),
      'POST /v2/instances/nobody/start': failing('INSTANCE_NOT_FOUND', 'no instance is named "nobody"'),
    });

    const run = await home.run(['up', 'chat', 'nobody']);

    expect(run).toMatchObject({ code: 3, stdout: expect.stringContaining('chat is ready') as string });
    expect(run.stderr).toContain('no instance is named "nobody"');
  });
});
