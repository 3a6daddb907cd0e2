/** Detached programs with real processes: how they end, what they leave behind, and that they outlive their launcher. */

import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { until } from '../../../test/support/patience.ts';
import { systemClock, TestClock } from '../clock.ts';
import { createDetachedPrograms } from './programs.ts';
import type { DetachedPrograms, LaunchResult } from './programs.ts';
import type { LaunchSpec } from './launch-spec.ts';
import { groupLives, isAlive, killTree, signalGroup, survivors } from './tree.ts';

let home: string;
let programs: DetachedPrograms;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'drover-detached-'));
  programs = createDetachedPrograms(join(home, 'exits'), systemClock);
});

afterEach(() => {
  programs.close();
  const left = survivors(marker());
  killTree(null, marker());
  rmSync(home, { recursive: true, force: true });
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
});

const marker = () => ({ name: 'DROVER_ATTEMPT', value: home }) as const;
const output = (name: string): string => readFileSync(join(home, name), 'utf8');

function launch(id: string, command: string, terms: Partial<LaunchSpec> = {}): Promise<LaunchResult> {
  return programs.launch({
    id,
    file: '/bin/bash',
    args: ['-c', command],
    env: { PATH: process.env['PATH'] ?? '', DROVER_ATTEMPT: home, LANG: 'C' },
    cwd: home,
    stdoutPath: join(home, 'stdout'),
    stderrPath: join(home, 'stderr'),
    ...terms,
  });
}

async function started(id: string, command: string) {
  const result = await launch(id, command);
  if (result.kind !== 'started') throw new Error(result.message);
  return result.identity;
}

describe('how a program ends', () => {
  test.each([
    ['exit 0', { kind: 'exited', code: 0 }],
    ['exit 3', { kind: 'exited', code: 3 }],
    ['exit 143', { kind: 'exited', code: 143 }],
    ['exit 255', { kind: 'exited', code: 255 }],
    ['kill -TERM $$', { kind: 'signalled', signal: 'SIGTERM' }],
    ['kill -KILL $$', { kind: 'signalled', signal: 'SIGKILL' }],
    ['kill -INT $$', { kind: 'signalled', signal: 'SIGINT' }],
    ['kill -SEGV $$', { kind: 'signalled', signal: 'SIGSEGV' }],
  ])('%s', async (command, expected) => {
    await launch('one', command);

    expect(await programs.ended('one')).toMatchObject(expected);
  });

  test('a program that does not exist is exit 127, told on its own stderr', async () => {
    await programs.launch({
      id: 'none',
      file: '/no/such/program',
      args: [],
      env: {},
      cwd: home,
      stdoutPath: join(home, 'stdout'),
      stderrPath: join(home, 'stderr'),
    });

    expect(await programs.ended('none')).toMatchObject({ kind: 'exited', code: 127 });
    expect(output('stderr')).toContain('/no/such/program');
  });

  test('a folder that does not exist fails the launch and leaves no record', async () => {
    const result = await programs.launch({
      id: 'nowhere',
      file: '/bin/true',
      args: [],
      env: {},
      cwd: join(home, 'missing'),
      stdoutPath: join(home, 'stdout'),
      stderrPath: join(home, 'stderr'),
    });

    expect(result.kind).toBe('failed');
    expect(programs.inspect('nowhere')).toEqual({ kind: 'unknown' });
  });

  test('SIGKILL to the whole group is recorded, because the shell is outside it', async () => {
    const identity = await started('one', 'sleep 60 & sleep 60');

    signalGroup(identity, 'SIGKILL');

    expect(await programs.ended('one')).toMatchObject({ kind: 'signalled', signal: 'SIGKILL' });
    // The other one of the group may still be on its way out.
    await until(() => survivors(marker()).length === 0);
  });

  test('a stopped program has not ended', async () => {
    const identity = await started('one', 'sleep 60');
    signalGroup(identity, 'SIGSTOP');
    await until(() => readFileSync(`/proc/${identity.pid}/stat`, 'utf8').includes(') T '));

    expect(programs.inspect('one').kind).toBe('running');

    signalGroup(identity, 'SIGKILL');
    signalGroup(identity, 'SIGCONT');
    expect(await programs.ended('one')).toMatchObject({ signal: 'SIGKILL' });
  });

  test('a program that stops the moment it exists has not ended either', async () => {
    const ids = Array.from({ length: 20 }, (_, index) => `one-${index}`);
    const stopping = { file: 'eval', args: ['while :; do kill -STOP $BASHPID; done'], builtin: true };
    const results = await Promise.all(ids.map((id) => launch(id, '', stopping)));
    const pids = results.flatMap((result) => (result.kind === 'started' ? [result.pid] : []));
    await until(() => pids.every((pid) => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T ')));

    expect(ids.map((id) => programs.inspect(id).kind)).toEqual(ids.map(() => 'running'));

    for (const pid of pids) process.kill(pid, 'SIGKILL');
    expect(await Promise.all(ids.map((id) => programs.ended(id)))).toMatchObject(
      ids.map(() => ({ signal: 'SIGKILL' })),
    );
  });

  test('a program that dies with its shell is lost, not forgotten', async () => {
    const identity = await started('one', 'sleep 60');
    const shell = Number(readFileSync(`/proc/${identity.pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1]);

    process.kill(shell, 'SIGKILL');
    signalGroup(identity, 'SIGKILL');

    expect(await programs.ended('one')).toMatchObject({ kind: 'lost' });
  });
});

describe('what a program gets', () => {
  test('its own pid, group and session, default signals, empty stdin, and only the given environment', async () => {
    const result = await launch('one', 'cat; echo $$; ps -o pgid= -p $$; grep SigIgn /proc/self/status; env');
    await programs.ended('one');

    const [pid, group, ignored, ...environment] = output('stdout').trim().split('\n');

    expect(result).toMatchObject({ pid: Number(pid) });
    expect(Number(group)).toBe(Number(pid));
    expect(ignored).toBe('SigIgn:\t0000000000000000');
    expect(environment.map((line) => line.split('=')[0]).toSorted()).toEqual(
      ['DROVER_ATTEMPT', 'LANG', 'PATH', 'PWD', 'SHLVL', '_'].toSorted(),
    );
  });

  test('arguments and values of any kind, unharmed', async () => {
    const odd = `it's "odd" $(touch pwned) \\ \n;'end`;
    await programs.launch({
      id: 'odd',
      file: '/bin/bash',
      args: ['-c', 'printf %s "$1|$ODD|"; env | grep -a odd-name', 'name', odd],
      env: { ODD: odd, 'odd-name': 'x y', IFS: ':', PATH: process.env['PATH'] ?? '' },
      cwd: home,
      stdoutPath: join(home, 'stdout'),
      stderrPath: join(home, `it's here`),
    });
    await programs.ended('odd');

    expect(output('stdout')).toBe(`${odd}|${odd}|odd-name=x y\n`);
    expect(existsSync(join(home, 'pwned'))).toBe(false);
  });

  test('the name of its locale, which its watcher does not load', async () => {
    await launch('one', 'printf "%s %s" "$LANG" "${LC_ALL-unset}"', { env: { LANG: 'C.UTF-8', DROVER_ATTEMPT: home } });
    await programs.ended('one');

    expect(output('stdout')).toBe('C.UTF-8 unset');
  });

  test('a builtin without a program behind it: output, environment of its own, and exit code', async () => {
    await launch('one', '', { file: 'echo', args: ["it's", 'done'], builtin: true });
    expect(await programs.ended('one')).toMatchObject({ kind: 'exited', code: 0 });

    await launch('two', '', { file: 'false', args: [], builtin: true });
    expect(await programs.ended('two')).toMatchObject({ kind: 'exited', code: 1 });
    expect(output('stdout')).toBe("it's done\n");
  });

  test.each([true, false])('the files that its redirections name, in their order (builtin: %s)', async (builtin) => {
    const both = { file: 'echo', args: ['said'], builtin };
    const target = join(home, "it's here");
    await launch('one', '', { ...both, redirections: [{ operator: '>>', target }] });
    await programs.ended('one');
    await launch('two', '', { ...both, redirections: [{ operator: '>>', target: "it's here" }] });
    expect(await programs.ended('two')).toMatchObject({ kind: 'exited', code: 0 });
    expect([readFileSync(target, 'utf8'), output('stdout')]).toEqual(['said\nsaid\n', '']);

    const lost = { operator: '>', target: '/no/such/file' } as const;
    await launch('three', '', { ...both, redirections: [{ operator: '2>', target: 'told' }, lost] });
    expect(await programs.ended('three')).toMatchObject({ kind: 'exited', code: 1 });
    expect(readFileSync(join(home, 'told'), 'utf8')).toContain('/no/such/file: No such file or directory');
  });

  test('no hold on its record', async () => {
    await launch('one', 'ls -l /proc/self/fd');
    await programs.ended('one');

    expect(output('stdout')).toContain(join(home, 'stderr'));
    expect(output('stdout')).not.toContain('exits');
  });

  test('10 MB on stdout and on stderr', async () => {
    await launch('one', 'head -c 10000000 /dev/zero & head -c 10000000 /dev/zero >&2; wait');
    await programs.ended('one');

    expect([statSync(join(home, 'stdout')).size, statSync(join(home, 'stderr')).size]).toEqual([1e7, 1e7]);
  });
});

describe('trees', () => {
  test('a grandchild that holds the output open does not delay the end', async () => {
    const identity = await started('one', 'sleep 60 & exit 7');

    expect(await programs.ended('one')).toMatchObject({ code: 7 });
    expect(groupLives(identity)).toBe(true);

    signalGroup(identity, 'SIGKILL');
    await until(() => survivors(marker()).length === 0);
  });

  test('what left the group is found by its marker', async () => {
    const identity = await started('one', 'setsid sleep 60 & sleep 60');
    await until(() => survivors(marker()).length === 3);

    killTree(identity, marker());

    expect(await programs.ended('one')).toMatchObject({ signal: 'SIGKILL' });
    await until(() => survivors(marker()).length === 0);
    expect(isAlive(identity)).toBe(false);
  });
});

describe('adoption', () => {
  test('the launcher is killed, the program runs on, and a later watcher sees its end', async () => {
    buildKernel(home);
    const node = spawn(process.execPath, ['--input-type=module', '-e', launcher()], { cwd: home });
    const [line] = (await once(node.stdout, 'data')) as [Buffer];
    node.kill('SIGKILL');
    await once(node, 'exit');

    const found = programs.inspect('one');
    expect(found).toMatchObject({ kind: 'running', identity: { pid: Number(line.toString()) } });

    execFileSync('touch', [join(home, 'go')]);
    expect(await programs.ended('one')).toMatchObject({ kind: 'exited', code: 9 });
  });

  test('a watcher takes one launch after another, with nothing left of the last', async () => {
    await launch('one', 'exit 1');
    await programs.ended('one');
    const [watcher] = watchers();

    await launch('two', 'ps -o ppid= -p $$; exit 2');

    expect(await programs.ended('two')).toMatchObject({ code: 2 });
    expect(Number(output('stdout'))).toBe(watcher);
    expect(watchers()).toEqual([watcher]);
  });

  test('what runs at a time has a watcher each', async () => {
    await launch('one', 'until [ -e go ]; do sleep 0.01; done');

    await launch('two', 'exit 2');

    expect(await programs.ended('two')).toMatchObject({ code: 2 });
    expect(watchers()).toHaveLength(2);
    writeFileSync(join(home, 'go'), '');
    await programs.ended('one');
  });

  test('a watcher that was killed is replaced', async () => {
    await launch('one', 'exit 1');
    await programs.ended('one');
    const [watcher] = watchers();
    process.kill(watcher ?? 0, 'SIGKILL');
    await until(() => watchers().length === 0);

    await launch('two', 'exit 2');

    expect(await programs.ended('two')).toMatchObject({ code: 2 });
  });

  test('a watcher that says something of its own is not used again', async () => {
    await launch('one', 'exit 1');
    await programs.ended('one');
    programs.forget('one');
    rmSync(join(home, 'exits'), { recursive: true });

    expect(await launch('two', 'touch ran')).toMatchObject({ kind: 'failed' });

    await until(() => watchers().length === 0);
    expect(existsSync(join(home, 'ran'))).toBe(false);
  });

  test('a watcher that does not answer in time is ended, and another does what it was asked', async () => {
    const clock = new TestClock();
    programs.close();
    programs = createDetachedPrograms(join(home, 'exits'), clock);
    await launch('one', 'exit 1');
    await programs.ended('one');
    const [late] = watchers();
    process.kill(late ?? 0, 'SIGSTOP');

    const two = launch('two', 'echo once >>"$DROVER_ATTEMPT/runs"; exit 2');
    await clock.advance(2_000);
    await clock.advance(2_000);

    expect(await two).toMatchObject({ kind: 'started' });
    expect(await programs.ended('two')).toMatchObject({ code: 2 });
    expect(watchers()).not.toContain(late);
    expect(output('runs')).toBe('once\n');
  });

  test('a watcher of its own goes with the program that it was made for', async () => {
    await launch('one', 'exit 1');
    await programs.ended('one');
    const [standing] = watchers();

    await launch('two', 'ps -o ppid= -p $$; exit 2', { fresh: true });

    expect(await programs.ended('two')).toMatchObject({ code: 2 });
    expect(Number(output('stdout'))).not.toBe(standing);
    await until(() => watchers().length === 1);
    expect(watchers()).toEqual([standing]);
  });

  test('an end in the past is answered at once, until it is forgotten', async () => {
    await launch('one', 'exit 5');
    await programs.ended('one');
    programs.close();

    programs = createDetachedPrograms(join(home, 'exits'), systemClock);
    expect(await programs.ended('one')).toMatchObject({ code: 5 });

    programs.forget('one');
    expect(programs.inspect('one')).toEqual({ kind: 'unknown' });
    expect(readdirSync(join(home, 'exits'))).toEqual([]);
  });

  test('a record is written on the file of one that was forgotten', async () => {
    await launch('one', 'exit 1');
    await programs.ended('one');
    const files = readdirSync(join(home, 'exits'));
    programs.forget('one');

    await launch('two', 'exit 2');

    expect(await programs.ended('two')).toMatchObject({ code: 2 });
    expect(programs.inspect('one')).toEqual({ kind: 'unknown' });
    expect(readdirSync(join(home, 'exits'))).toEqual(files);
  });

  test('a file of forgotten records does not grow without end', async () => {
    const long = 'x'.repeat(20_000);
    for (const id of ['one', 'two', 'three'].map((name) => `${name}-${long}`)) {
      await launch(id, 'exit 4');
      expect(await programs.ended(id)).toMatchObject({ code: 4 });
      programs.forget(id);
    }

    const [file = ''] = readdirSync(join(home, 'exits'));
    expect(statSync(join(home, 'exits', file)).size).toBeLessThan(32_768);
  });
});

/** Watchers of this very test. */
function watchers(): number[] {
  const children = readFileSync(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8').split(' ').filter(Boolean);
  return children.map(Number).filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(home));
}

/** A launcher in a process of its own, which prints the pid of its program. */
const launcher = (): string => `
    import { createDetachedPrograms, systemClock } from ${JSON.stringify(join(home, 'kernel', 'index.js'))};
    const programs = createDetachedPrograms(${JSON.stringify(join(home, 'exits'))}, systemClock);
    const result = await programs.launch({ id: 'one', file: '/bin/bash', args: ['-c', 'until [ -e go ]; do sleep 0.01; done; exit 9'],
      env: { PATH: process.env.PATH, DROVER_ATTEMPT: ${JSON.stringify(home)} }, cwd: ${JSON.stringify(home)},
      stdoutPath: 'stdout', stderrPath: 'stderr' });
    console.log(result.pid);`;

/** The kernel as plain JavaScript, for a launcher in a process of its own. */
function buildKernel(into: string): void {
  const root = join(import.meta.dirname, '../../..');
  const flags = ['--outDir', into, '--noEmit', 'false', '--rootDir', 'src', '--types', 'node', '--ignoreConfig'];
  const language = [
    '--target',
    'ES2022',
    '--module',
    'NodeNext',
    '--rewriteRelativeImportExtensions',
    '--skipLibCheck',
  ];
  const library = ['--lib', 'ES2023,ESNext.Disposable'];
  execFileSync('npx', ['tsc', ...flags, ...language, ...library, 'src/kernel/index.ts'], { cwd: root, stdio: 'pipe' });
  execFileSync('ln', ['-s', join(root, 'node_modules'), join(into, 'node_modules')]);
  execFileSync('bash', ['-c', `echo '{"type":"module"}' > package.json`], { cwd: into });
}
