import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import {
  eventStream,
  failing,
  json,
  plainText,
  startDoor,
  startStandIn,
} from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const READY = {
  name: 'chat',
  desired: 'running',
  status: 'ready',
  health: 'healthy',
  health_detail: null,
  pid: 4711,
  port: 8001,
  engine: 'embedded',
  backend: 'cpu',
  device: 'cpu',
  model: 'demo',
  slots: { busy: 0, total: 1 },
  uptime_ms: 65_000,
  restarts: 0,
  reason: null,
};

const COUNTS = {
  total: 3,
  waiting: 0,
  ready: 0,
  leased: 0,
  running: 0,
  backoff: 0,
  succeeded: 3,
  failed: 0,
  skipped: 0,
  aborted: 0,
  cancelled: 0,
  parked: 0,
};

function batchOf(status: string) {
  return {
    batch_id: 'B1',
    plan: 'words',
    status,
    created_at: '2026-02-21T10:15:00.000Z',
    started_at: '2026-02-21T10:15:00.000Z',
    ended_at: '2026-02-21T10:15:02.000Z',
    counts: COUNTS,
    path: '/plans/words/history/B1',
    tasks: [],
    summarised: true,
  };
}

function writePlan(text: string): string {
  const folder = join(home.path, 'words');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'plan.md'), text);
  return folder;
}

const PLAN = `# Plan: words

## Tasks

### one

- **task_class**: cpu
- **timeout**: 1m
- **command**: \`echo {GREETING}\`
`;

describe('without a daemon', () => {
  test.each([
    ['help', ['--help'], 0, ''],
    ['no command', [], 0, ''],
    ['an unknown command', ['pss'], 2, 'did you mean "ps"?'],
    ['an unknown flag', ['ps', '--jsn'], 2, '--json'],
    ['a flag without its value', ['infer', '--model', 'x'], 2, '--prompt'],
    ['a number in words', ['logs', 'chat', '--tail', 'few'], 2, 'no whole number'],
    ['an address that is none', ['-H', 'http://', 'ps'], 2, 'no address'],
    ['no instance named', ['up'], 2, 'no instance is named'],
    ['names and --all', ['up', 'a', '--all'], 2, 'not both'],
    ['a task without its batch', ['task', 'show', 'one'], 2, 'BATCH/TASK'],
    ['an empty prompt', ['infer', '--model', 'x', '--prompt', ''], 2, 'the prompt is empty'],
    ['a plan that is not there', ['submit', 'nowhere'], 3, 'PLAN_NOT_FOUND'],
    ['a config that is not there', ['config', 'validate', 'nobody'], 3, 'INSTANCE_NOT_FOUND'],
    ['a daemon that is not allowed to start', ['ps'], 6, 'drover daemon start'],
    ['an address where nothing listens', ['-H', 'http://127.0.0.1:9', 'ps'], 6, 'check the address'],
    ['the status of a stopped daemon', ['daemon', 'status'], 6, ''],
    ['stopping a stopped daemon', ['daemon', 'stop'], 0, ''],
    ['a name that is none', ['init', 'Chat'], 2, 'no name for an instance'],
  ])('%s ends with its exit code and a hint', async (_title, argv, code, told) => {
    const run = await home.run(argv);

    expect({ code: run.code, stderr: run.stderr }).toEqual({ code, stderr: expect.stringContaining(told) as string });
    expect(run.stderr).not.toMatch(/\n\s+at /);
  });

  test('daemon status --json prints that it does not run, and nothing else', async () => {
    expect(await home.run(['daemon', 'status', '--json'])).toEqual({
      code: 6,
      stdout: '{"running": false}\n',
      stderr: '',
    });
  });

  test('daemon logs follows across a rotation', async () => {
    const log = join(home.path, 'logs', 'agent.log');
    mkdirSync(dirname(log));
    writeFileSync(log, 'one\ntwo\n');
    const leave = new AbortController();
    const steps = new Map([
      ['two\n', () => (renameSync(log, `${log}.1`), writeFileSync(log, ''), appendFileSync(log, 'three\n'))],
      ['three\n', () => leave.abort()],
    ]);
    const onOutput = (text: string): void => void steps.get(text)?.();

    const argv = ['daemon', 'logs', '--agent', '--tail', '1', '-f'];
    const { stdout } = await home.run(argv, { signal: leave.signal, onOutput });

    expect(stdout).toBe('two\nthree\n');
  });

  test('the help lists every command', async () => {
    const { stdout } = await home.run(['--help']);

    const commands = [
      'up',
      'down',
      'restart',
      'ps',
      'logs',
      'describe',
      'health',
      'init',
      'rm',
      'infer',
      'models',
      'engine',
    ];
    const more = [
      'worker',
      'plan',
      'submit',
      'batch',
      'task',
      'status',
      'events',
      'devices',
      'queue',
      'daemon',
      'config',
    ];
    for (const command of [...commands, ...more, 'version'])
      expect(stdout).toMatch(new RegExp(`^  ${command}\\s{2,}\\S`, 'm'));
  });

  test('init writes a config that validates, and never over another', async () => {
    const first = await home.run(['init', 'chat', '--profile', 'cpu', '-m', 'demo', '--port', '8005']);
    const file = join(home.path, 'instances', 'chat', 'config.json');

    expect(first).toMatchObject({ code: 0, stdout: `${file}\n` });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({
      name: 'chat',
      model: { id: 'demo' },
      server: { port: 8005 },
    });
    expect(await home.run(['config', 'validate', 'chat'])).toMatchObject({ code: 0 });
    expect(await home.run(['init', 'chat'])).toMatchObject({ code: 5 });
    expect(await home.run(['init', 'chat', '--force', '-m', './m.gguf'])).toMatchObject({ code: 0 });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ model: { path: join(home.path, 'm.gguf') } });
  });

  test('config validate tells file, path, message and hint, and exits 1', async () => {
    const file = join(home.path, 'config.json');
    writeFileSync(file, JSON.stringify({ name: 'chat', model: { id: 'demo' }, server: { prot: 1 } }));

    const people = await home.run(['config', 'validate', file]);
    const machines = await home.run(['config', 'validate', file, '--json']);

    expect(people).toMatchObject({
      code: 1,
      stderr: `${file}: server.prot: unknown field\n  hint: did you mean "port"?\n`,
    });
    expect(machines.code).toBe(1);
    expect(JSON.parse(machines.stdout)).toMatchObject({
      valid: false,
      problems: [{ file, path: 'server.prot', message: 'unknown field', hint: 'did you mean "port"?' }],
    });
  });

  test.each([
    ['missing', '/no/such.gguf', 'no model file'],
    ['no GGUF', '/etc/passwd', 'not a GGUF file'],
  ])('config validate sees a model file that is %s', async (_title, path, told) => {
    const file = join(home.path, 'config.json');
    writeFileSync(file, JSON.stringify({ name: 'chat', model: { path } }));

    expect(await home.run(['config', 'validate', file])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(told) as string,
    });
  });

  test('config lint looks at all instances', async () => {
    await home.run(['init', 'a', '--port', '8005']);
    await home.run(['init', 'b', '--port', '8005']);

    const run = await home.run(['config', 'lint', '--json']);

    expect(run.code).toBe(1);
    expect((JSON.parse(run.stdout) as { path: string }[]).map(({ path }) => path)).toEqual([
      'server.port',
      'server.port',
    ]);
  });

  test('config show tells where a value comes from', async () => {
    const run = await home.run(['config', 'show', '--origin', '--json'], { env: { DROVER_PORT: '9000' } });

    expect(JSON.parse(run.stdout)).toMatchObject({
      port: { value: 9000, origin: 'environment' },
      bind: { origin: 'default' },
    });
  });

  test('a first plan lints clean, and a dry run prints its commands', async () => {
    await home.run(['plan', 'new', 'first']);

    expect(await home.run(['plan', 'lint', 'first'])).toMatchObject({
      code: 0,
      stdout: 'first/plan.md: no problems\n',
      stderr: '',
    });
    expect(await home.run(['plan', 'dry-run', 'first'])).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`echo 'hello' '{ITEM.id}'`) as string,
    });
  });

  test('a plan with an error is told with place, caret and help, and as JSON', async () => {
    const folder = writePlan(PLAN);

    const people = await home.run(['plan', 'lint', folder]);
    const machines = await home.run(['plan', 'lint', folder, '--json']);

    expect(people.code).toBe(4);
    expect(people.stderr).toMatch(/^words\/plan\.md:9:\d+: error P\d{3} .*GREETING/m);
    expect(people.stderr).toMatch(/\^/);
    expect(machines.code).toBe(4);
    expect(JSON.parse(machines.stdout)).toEqual([
      expect.objectContaining({
        severity: 'error',
        file: 'words/plan.md',
        line: 9,
        code: expect.stringMatching(/^P\d{3}$/) as string,
      }),
    ]);
  });

  test('dry-run takes values from --config and --set', async () => {
    const folder = writePlan(PLAN.replace('## Tasks', '## Inputs\n\n- **GREETING** (string): what to say\n\n## Tasks'));

    const run = await home.run([
      'plan',
      'dry-run',
      folder,
      '--config',
      '{"GREETING": "a"}',
      '--set',
      'GREETING=hi there',
      '--json',
    ]);

    expect(run.code).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({
      tasks: [{ id: 'one', command: expect.stringContaining('hi there') as string }],
    });
  });

  test.each([
    ['--config', '{', 2],
    ['--config', '[]', 2],
    ['--config', '@nowhere.json', 4],
    ['--set', 'GREETING', 2],
  ])('dry-run with %s %s is refused', async (flag, value, code) => {
    expect(await home.run(['plan', 'dry-run', writePlan(PLAN), flag, value])).toMatchObject({ code });
  });

  test('the cause of an error is told only to whoever debugs', async () => {
    expect((await home.run(['ps'])).stderr).not.toContain('caused by');
    expect((await home.run(['ps'], { env: { DROVER_LOG_LEVEL: 'debug' } })).stderr).toContain('caused by: ');
  });
});

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
    expect(shown.stderr).toContain('the first 100 of 250 are shown; "drover task ls --all" shows all');
    expect(listed.stdout.match(/^B1 /gm)).toHaveLength(7);
    expect(listed.stderr).toContain('the first 7 are shown');
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

  test('the logs of a task that has written nothing say where to look', async () => {
    await using _controller = await startStandIn(home.path, { 'GET /v2/batches/B1/tasks/*': plainText('') });

    expect(await home.run(['task', 'logs', 'B1/list'])).toMatchObject({
      code: 0,
      stdout: '',
      stderr: expect.stringContaining('has written nothing; "drover why B1/list" says how it stands'),
    });
  });
});

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

    expect(await home.run(['infer', '--worker', gone.url, '--prompt', 'x'])).toMatchObject({ code: 6 });
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
    [500, 'something_new', 1],
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
    const folder = writePlan(PLAN);

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
    const folder = writePlan(PLAN);

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

    const run = await home.run(['submit', writePlan(PLAN), '--wait', '--json']);

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

    const run = await home.run(['submit', writePlan(PLAN), '--wait'], { signal: interrupt.signal });

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

    const people = await home.run(['submit', writePlan(PLAN)]);
    const machines = await home.run(['submit', writePlan(PLAN), '--json']);

    expect(people.code).toBe(4);
    expect(people.stderr).toContain('plan.md:9:19: error P023 {GREETING} is no input\n');
    expect(people.stderr).toMatch(/\n\s+\^\n?.*help: declare it/s);
    expect(JSON.parse(machines.stdout)).toEqual(diagnostics);
  });
});

describe('the controller may be elsewhere', () => {
  test('a command of a machine is refused at a socket that does not tell its home', async () => {
    expect(await home.run(['-H', join(home.path, 'other.sock'), 'config', 'get', 'port'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('DROVER_HOME=DIR drover config get') as string,
    });
    expect(await home.run(['-H', join(home.path, 'run/drover.sock'), 'config', 'get', 'port'])).toMatchObject({
      code: 0,
    });
  });

  test('-H and DROVER_HOST name a socket or an address, anywhere in the line', async () => {
    using other = createTestHome();
    await using _controller = await startStandIn(other.path, { 'GET /v2/instances': json([READY]) });
    const socket = join(other.path, 'run', 'drover.sock');

    expect(await home.run(['ps', '--json', '-H', socket])).toMatchObject({ code: 0 });
    expect(await home.run(['ps', '--json'], { env: { DROVER_HOST: socket } })).toMatchObject({ code: 0 });
    expect(await home.run(['--host=' + socket, 'ps', '--json'])).toMatchObject({ code: 0 });
    expect(await home.run(['ps', '--json'], { env: { DROVER_HOST: '' } })).toMatchObject({ code: 6 });
  });

  test.each([['daemon stop'], ['config get port'], ['doctor'], ['dial-stdio']])(
    '"%s" is about a machine, never about this one when another is meant',
    async (line) => {
      expect(await home.run(['-H', 'http://127.0.0.1:9', ...line.split(' ')])).toMatchObject({
        code: 2,
        stderr: expect.stringContaining('reached by ssh only') as string,
      });
    },
  );

  test.each(['rig;ls', 'http://ann:secret@rig', 'http://a b'])('%j is no address', async (host) => {
    expect(await home.run(['-H', host, 'ps'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('is no address') as string,
    });
  });
});
