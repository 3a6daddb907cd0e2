import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { failing, json, plainText, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { READY, COUNTS, batchOf } from '../../test/support/cli/told-views.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

describe('reading', () => {
  test('ps --json is the rows and nothing else', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances': json([READY]) });

    const run = await home.run(['ps', '--json']);

    expect(run).toMatchObject({ code: 0, stderr: '' });
    expect(JSON.parse(run.stdout)).toEqual([READY]);
  });

  test('ps for people is a table that does not wrap', async () => {
    const long = { ...READY, name: 'n'.repeat(64), reason: 'a reason\nof two lines '.repeat(5) };
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances': json([READY, long]) });

    const { stdout } = await home.run(['ps'], { terminal: true, env: { NO_COLOR: '1' } });

    expect(stdout.split('\n')).toHaveLength(4);
    expect(
      stdout
        .split('\n')
        .map((line) => line.length)
        .filter((length) => length > 80),
    ).toEqual([]);
    expect(stdout).toContain('n'.repeat(64));
    expect(stdout).not.toContain('\u001b');
  });

  test('ps has every column where there is room, where it is asked for, and where nobody looks', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances': json([READY]) });

    const narrow = await home.run(['ps'], { terminal: true });
    const wide = await home.run(['ps', '--wide'], { terminal: true, env: { NO_COLOR: '1' } });
    const piped = await home.run(['ps']);

    expect(narrow.stdout).not.toContain('ENGINE');
    expect(wide.stdout).toMatch(/ENGINE.*BACKEND.*RESTARTS/);
    expect(wide.stdout).toContain('1m05s');
    expect(piped.stdout).toBe(wide.stdout);
  });

  test('ps is coloured on a terminal only', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances': json([READY]) });

    expect((await home.run(['ps'], { terminal: true })).stdout).toContain('\u001b[32mready');
    expect((await home.run(['ps'])).stdout).not.toContain('\u001b');
  });

  test('ps says what to do when there is nothing', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/instances': json([]) });

    expect(await home.run(['ps'])).toMatchObject({ code: 0, stdout: expect.stringContaining('drover init') as string });
    expect(await home.run(['ps', '--json'])).toMatchObject({ code: 0, stdout: '[]\n' });
  });

  test.each([
    ['healthy', 0],
    ['unhealthy', 1],
    ['unknown', 1],
  ])('health of one that is %s exits %i', async (health, code) => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/instances/chat/health': json({ name: 'chat', health, detail: null, status: 'ready', checks: [] }),
    });

    expect(await home.run(['health', 'chat', '--json'])).toMatchObject({ code });
  });

  test('logs are printed as they are, stdout unless another stream is asked for', async () => {
    await using controller = await startStandIn(home.path, {
      'GET /v2/instances/chat/logs': plainText('one\n', 'zwei ü\n'),
    });

    expect(await home.run(['logs', 'chat', '--tail', '5'])).toMatchObject({ code: 0, stdout: 'one\nzwei ü\n' });
    await home.run(['logs', 'chat', '--stderr', '--since', '2026-02-21T10:15:00Z']);
    expect(controller.asked.map(({ path }) => path)).toEqual([
      '/v2/instances/chat/logs?stream=stdout&tail=5',
      '/v2/instances/chat/logs?stream=stderr&since=2026-02-21T10%3A15%3A00.000Z',
    ]);
  });

  test('whoever finds stdout empty is told that stderr is not', async () => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/instances/chat/logs': (asked, response) =>
        void response.end(asked.path.includes('stream=stderr') ? 'loading model\n' : ''),
    });

    const run = await home.run(['logs', 'chat']);

    expect(run).toMatchObject({ code: 0, stdout: '' });
    expect(run.stderr).toBe('stdout is empty; stderr is not: drover logs chat --stderr\n');
    expect(await home.run(['logs', 'chat', '--stdout'])).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });

  test('events are one object a line', async () => {
    const facts = [1, 2].map((seq) => ({ seq, at: 'T', type: 'batch.started', subject: 'batch:B1', data: {} }));
    await using _controller = await startStandIn(home.path, { 'GET /v2/facts': json(facts) });

    const { stdout } = await home.run(['events']);

    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual(facts);
  });

  test('tasks are listed up to a hundred, and how to see more is said; programs get all', async () => {
    const one = { status: 'succeeded', type: 'shell', class: 'cpu', attempts: 1, device: 'cpu', exit_code: 0 };
    const never = { started_at: null, ended_at: null, reason: null };
    const all = Array.from({ length: 250 }, (_, index) => ({ id: `t${index}`, ...one, ...never }));
    await using _controller = await startStandIn(home.path, {
      'GET /v2/batches/B1': json({ ...batchOf('succeeded'), counts: { ...COUNTS, total: 250 } }),
      'GET /v2/batches/B1/tasks': (asked, response, request) => {
        const { searchParams: query } = new URL(asked.path, 'http://x');
        const from = all.findIndex(({ id }) => id === query.get('after')) + 1;
        return json(all.slice(from, from + Number(query.get('limit'))))(asked, response, request);
      },
    });

    const shown = await home.run(['batch', 'show', 'B1']);
    const listed = await home.run(['task', 'ls', '--batch', 'B1', '--limit', '7']);
    const whole = await home.run(['batch', 'show', 'B1', '--all']);
    const forPrograms = await home.run(['batch', 'show', 'B1', '--json']);

    expect(shown.stdout.match(/^t\d+ /gm)).toHaveLength(100);
    expect(shown.stderr).toContain('the first 100 of 250 are shown; "drover task ls --batch B1 --all" shows all');
    expect(listed.stdout.match(/^B1 /gm)).toHaveLength(7);
    expect(listed.stderr).toContain('the first 7 are shown; "drover task ls --batch B1 --all"');
    expect([whole.stdout.match(/^t\d+ /gm)?.length, whole.stderr]).toEqual([250, '']);
    expect((JSON.parse(forPrograms.stdout) as { tasks: unknown[] }).tasks).toHaveLength(250);
  });

  test('task show tells one attempt alone, and which there are when it is none of them', async () => {
    const attempt = { status: 'failed', agent: 'here', device: 'cpu', duration_ms: 5, exit_code: 3, path: '/a/b' };
    const list = [1, 2].map((no) => ({ ...attempt, attempt: no, reason: `reason ${no}` }));
    const task = { id: 'count', batch_id: 'B1', status: 'failed', depends_on: [], attempt_list: list, attempts: 2 };
    await using _controller = await startStandIn(home.path, { 'GET /v2/batches/B1/tasks/*': json(task) });

    const one = await home.run(['task', 'show', 'B1/count', '--attempt', '2', '--json']);
    const none = await home.run(['task', 'show', 'B1/count', '--attempt', '9']);

    expect(JSON.parse(one.stdout)).toEqual({ ...task, attempt_list: [list[1]] });
    expect(none).toMatchObject({ code: 3, stderr: expect.stringContaining('it has 1, 2') as string });
  });

  test('task logs name batch and task in one argument', async () => {
    await using controller = await startStandIn(home.path, { 'GET /v2/batches/B1/tasks/*': plainText('hello\n') });

    expect(await home.run(['task', 'logs', 'B1/count a b', '--attempt', '2'])).toMatchObject({
      code: 0,
      stdout: 'hello\n',
    });
    expect(controller.asked[0]?.path).toBe('/v2/batches/B1/tasks/count%20a%20b/logs?stream=both&attempt=2');
  });

  test('why, asked of a batch, says how its tasks are asked for', async () => {
    await using _controller = await startStandIn(home.path, {
      'GET /v2/instances/*': failing('INSTANCE_NOT_FOUND', 'no such instance'),
      'GET /v2/requests/*': failing('REQUEST_NOT_FOUND', 'no such request'),
    });

    expect(await home.run(['why', '20260221_101500_ab12cd'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('run "drover batch show 20260221_101500_ab12cd" for its tasks'),
    });
  });

  test('the logs of a task that has written nothing say where to look', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/batches/B1/tasks/*': plainText('') });

    expect(await home.run(['task', 'logs', 'B1/list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('has written nothing; "drover why B1/list" says how it stands'),
    });
  });
});
