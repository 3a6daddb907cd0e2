import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { eventStream, failing, json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { COUNTS, batchOf } from '../../test/support/cli/told-views.ts';
import { PLAN, writePlan } from '../../test/support/cli/words-plan.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

describe('submit', () => {
  const submitted = {
    batch_id: 'B1',
    status: 'running',
    tasks: COUNTS,
    path: '/plans/words/history/B1',
    warnings: [],
    more_warnings: 0,
  };
  const fact = (seq: number, type: string, subject: string, data: object) => ({ seq, at: 'T', type, subject, data });
  const story = [
    fact(1, 'task.succeeded', 'task:B1/one', { attempt: 1, duration_ms: 1_200 }),
    fact(2, 'task.failed', 'task:B1/two', { attempt: 3, class: 'exit_code', reason: 'exit 1' }),
    fact(3, 'batch.ended', 'batch:B1', { status: 'succeeded', duration_ms: 2_000 }),
  ];

  test('answers with the batch id at once', async () => {
    await using controller = await startStandIn(home.path, { 'POST /v2/batches': json(submitted, 201) });
    const folder = writePlan(home, PLAN);

    const people = await home.run(['submit', 'words', '--set', 'GREETING=hi', '--priority', 'high'], {
      cwd: home.path,
    });
    const machines = await home.run(['submit', folder, '--json', '--idempotency-key', 'k1']);

    expect(people).toMatchObject({ code: 0, stdout: 'B1\n' });
    expect(JSON.parse(machines.stdout)).toEqual(submitted);
    expect(controller.asked.map(({ body }) => body)).toEqual([
      { folder, config: { GREETING: 'hi' }, priority: 'high', env: { PATH: '/usr/bin:/bin' } },
      { folder, config: {}, idempotency_key: 'k1', env: { PATH: '/usr/bin:/bin' } },
    ]);
  });

  test('tells the id first, then what the controller finds odd, a line each; JSON holds it', async () => {
    const place = { severity: 'warning', file: 'plan.md', line: 8, column: 5 };
    const warnings = [
      { ...place, code: 'P027', message: '"t0" has no task_class', help: 'write one' },
      { ...place, code: 'P040', message: 'config key TYPO is used by no task' },
    ];
    const odd = { ...submitted, warnings, more_warnings: 25 };
    await using _controller = await startStandIn(home.path, { 'POST /v2/batches': json(odd, 201) });
    const folder = writePlan(home, PLAN);

    const people = await home.run(['submit', folder]);
    const machines = await home.run(['submit', folder, '--json']);

    expect(people.stdout).toBe('B1\n');
    expect(people.stderr.trimEnd().split('\n')).toEqual([
      'plan.md:8:5: warning P027 "t0" has no task_class (write one)',
      'plan.md:8:5: warning P040 config key TYPO is used by no task',
      `… and 25 more: drover plan lint ${folder}`,
      'follow it with "drover batch watch B1"',
    ]);
    expect(machines).toMatchObject({ stdout: `${JSON.stringify(odd, null, 2)}\n`, stderr: '' });
  });

  test.each([
    ['succeeded', 0],
    ['failed', 1],
    ['cancelled', 1],
  ])('--wait of a batch that is %s in the end exits %i', async (status, code) => {
    await using _controller = await startStandIn(home.path, {
      'POST /v2/batches': json(submitted, 201),
      'GET /v2/events': eventStream(story),
      'GET /v2/batches/B1': json(batchOf(status)),
    });

    const run = await home.run(['submit', writePlan(home, PLAN), '--wait', '--json']);

    expect(run.code).toBe(code);
    expect(JSON.parse(run.stdout)).toMatchObject({ batch_id: 'B1', status, tasks: { total: 3, succeeded: 3 } });
    expect(run.stderr).toContain('one succeeded after 1.2s\ntwo failed: exit 1\n');
  });

  test('Ctrl-C of --wait only detaches', async () => {
    const interrupt = new AbortController();
    await using _controller = await startStandIn(home.path, {
      'POST /v2/batches': json(submitted, 201),
      'GET /v2/events': (asked, response, request) => {
        setTimeout(() => interrupt.abort(new Error('interrupted')), 20);
        return eventStream([])(asked, response, request);
      },
    });

    const run = await home.run(['submit', writePlan(home, PLAN), '--wait'], { signal: interrupt.signal });

    expect(run).toMatchObject({ code: 130, stderr: expect.stringContaining('drover batch watch B1') as string });
  });

  test('an invalid plan is exit 4 with its diagnostics drawn', async () => {
    const diagnostics = [
      {
        code: 'P023',
        severity: 'error',
        file: 'plan.md',
        line: 9,
        column: 19,
        message: '{GREETING} is no input',
        help: 'declare it',
      },
    ];
    const detail = { diagnostics };
    await using _controller = await startStandIn(home.path, {
      'POST /v2/batches': failing('PLAN_INVALID', 'the plan has 1 error; nothing was started', { detail }),
    });

    const people = await home.run(['submit', writePlan(home, PLAN)]);
    const machines = await home.run(['submit', writePlan(home, PLAN), '--json']);

    expect(people.code).toBe(4);
    expect(people.stderr).toContain('plan.md:9:19: error P023 {GREETING} is no input\n');
    expect(people.stderr).toMatch(/\n\s+\^\n?.*help: declare it/s);
    expect(JSON.parse(machines.stdout)).toEqual(diagnostics);
  });
});
