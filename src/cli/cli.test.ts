import { appendFileSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { json, startStandIn } from '../../test/support/cli/controller-stand-in.ts';
import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';
import { READY } from '../../test/support/cli/told-views.ts';
import { PLAN, writePlan } from '../../test/support/cli/words-plan.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

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
    const folder = writePlan(home, PLAN);

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
    const folder = writePlan(
      home,
      PLAN.replace('## Tasks', '## Inputs\n\n- **GREETING** (string): what to say\n\n## Tasks'),
    );

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
    expect(await home.run(['plan', 'dry-run', writePlan(home, PLAN), flag, value])).toMatchObject({ code });
  });

  test('a file of values that is not there is named, and how one is given', async () => {
    const run = await home.run(['plan', 'dry-run', writePlan(home, PLAN), '--config', '@nowhere.json']);

    expect(run.stderr).toMatch(
      /^error CONFIG_INVALID \/.+\/nowhere\.json: there is no such file\nhint: give --config @FILE/,
    );
  });

  test('the cause of an error is told only to whoever debugs', async () => {
    expect((await home.run(['ps'])).stderr).not.toContain('caused by');
    expect((await home.run(['ps'], { env: { DROVER_LOG_LEVEL: 'debug' } })).stderr).toContain('caused by: ');
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
