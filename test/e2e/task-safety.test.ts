/** What tasks may do: policies, questions to people, secrets that are on no disk, and real sandboxes of bubblewrap. */

import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, test } from 'vitest';

import type { BatchDetailView, EscalationView, SubmitView, TaskDetailView } from '../../src/contract/index.ts';
import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { writePlan } from '../support/plans.ts';

const hasBubblewrap = ['/usr/bin/bwrap', '/usr/local/bin/bwrap'].some((file) => existsSync(file));

interface TaskText {
  readonly id: string;
  readonly command: string;
  readonly fields?: Readonly<Record<string, string>>;
}

function planText(tasks: readonly TaskText[]): string {
  const written = tasks.map(({ id, command, fields = {} }) => {
    const lines = Object.entries({ task_class: 'cpu', retries: '2', timeout: '60s', ...fields });
    return `### ${id}\n${lines.map(([field, value]) => `- **${field}**: ${value}`).join('\n')}\n\n~~~bash\n${command}\n~~~\n`;
  });
  return `# Plan: safety\n\n## Objective\nA test.\n\n## Tasks\n\n${written.join('\n')}`;
}

function writePolicy(house: House, policy: object): void {
  mkdirSync(join(house.home, 'policies'), { recursive: true });
  writeFileSync(join(house.home, 'policies', 'worker.json'), JSON.stringify(policy));
}

async function submit(house: House, tasks: readonly TaskText[]): Promise<SubmitView> {
  return house.json<SubmitView>('submit', writePlan(house.home, planText(tasks)));
}

function ended(house: House, batchId: string): Promise<BatchDetailView> {
  return until(
    () => house.json<BatchDetailView>('batch', 'show', batchId),
    ({ status }) => status !== 'running',
  );
}

const taskOf = (house: House, batchId: string, task: string): Promise<TaskDetailView> =>
  house.json<TaskDetailView>('task', 'show', `${batchId}/${task}`);

/** All bytes of all files below a folder. */
function everything(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'latin1'))
    .join('\n');
}

describe('policies', () => {
  test('a forbidden command fails at once, is not tried again, and nothing of it has run', async () => {
    await using house = await openHouse();

    const { batch_id: id, path } = await submit(house, [
      { id: 'wipe', command: 'touch began.txt\nx=/; rm -rf "$x"' },
      { id: 'piped', command: 'echo "touch began.txt" | sh' },
    ]);
    const batch = await ended(house, id);
    const wipe = await taskOf(house, id, 'wipe');

    expect(batch).toMatchObject({ status: 'failed', counts: { failed: 2 } });
    expect(wipe.attempt_list).toEqual([expect.objectContaining({ class: 'permission', status: 'failed' })]);
    expect(wipe.reason).toContain('"rm -rf /" is forbidden (guard destructive');
    expect((await taskOf(house, id, 'piped')).reason).toContain('interpreter_pipe');
    expect(existsSync(join(path, 'began.txt'))).toBe(false);
  });

  test('a command that a person must allow waits for the answer, which holds for its batch', async () => {
    await using house = await openHouse();
    writePolicy(house, { ask: ['touch'] });
    const tasks = [
      { id: 'one', command: 'touch made.txt' },
      { id: 'two', command: 'touch made.txt', fields: { depends_on: 'one' } },
      { id: 'three', command: 'touch other.txt', fields: { depends_on: 'two' } },
    ];

    const { batch_id: id, path } = await submit(house, tasks);
    const [first] = await until(
      () => house.json<EscalationView[]>('escalations', 'ls'),
      ({ length }) => length === 1,
    );
    expect(await taskOf(house, id, 'one')).toMatchObject({ status: 'parked' });
    expect(existsSync(join(path, 'made.txt'))).toBe(false);
    await house.drover('escalations', 'answer', String(first?.id), 'allow in this batch');
    const [second] = await until(
      () => house.json<EscalationView[]>('escalations', 'ls'),
      (open) => open.some(({ task }) => task === 'three'),
    );
    await house.drover('escalations', 'answer', String(second?.id), 'deny');
    await ended(house, id);

    expect(first?.question).toContain('touch made.txt');
    expect(await taskOf(house, id, 'two')).toMatchObject({ status: 'succeeded' });
    expect(await taskOf(house, id, 'three')).toMatchObject({ status: 'failed' });
    expect([existsSync(join(path, 'made.txt')), existsSync(join(path, 'other.txt'))]).toEqual([true, false]);
  });

  test('allowed always, it is in the policy', async () => {
    await using house = await openHouse();
    writePolicy(house, { ask: ['touch'] });

    const { batch_id: id } = await submit(house, [{ id: 'one', command: 'touch "a b.txt"' }]);
    const [question] = await until(
      () => house.json<EscalationView[]>('escalations', 'ls'),
      ({ length }) => length === 1,
    );
    await house.drover('escalations', 'answer', String(question?.id), 'allow always');
    await ended(house, id);
    const again = await submit(house, [{ id: 'one', command: 'touch "a b.txt"' }]);

    expect(await ended(house, again.batch_id)).toMatchObject({ status: 'succeeded' });
    expect(await house.drover('policy', 'check', 'touch "a b.txt"')).toMatchObject({ code: 0 });
    expect(await house.drover('policy', 'check', 'touch c')).toMatchObject({ code: 1 });
  });
});

function storeSecret(house: House, name: string, value: string): void {
  const args = [join(ROOT, 'bin/drover.js'), 'secrets', 'set', name];
  execFileSync(process.execPath, args, { env: house.env, input: value, stdio: ['pipe', 'ignore', 'ignore'] });
}

const SECRET = 'hunter2/päss+word=="x"';

describe('secrets', () => {
  test('reach the command and nothing else: no file of the batch, no log, no fact holds the value', async () => {
    await using house = await openHouse({ FROM_DAEMON: 'value-of-the-daemon' });
    storeSecret(house, 'API_TOKEN', `${SECRET}\n`);
    const secrets = { secrets: 'API_TOKEN, FROM_DAEMON' };
    const command = [
      'printf %s "$API_TOKEN" | wc -c > length.txt',
      'echo "token=$API_TOKEN daemon=$FROM_DAEMON"',
      'echo "$API_TOKEN" | base64',
      'for i in 1 2 3; do printf %s "${API_TOKEN:0:9}"; sleep 0.05; printf "%s\\n" "${API_TOKEN:9}"; done',
      'echo "$API_TOKEN" >&2',
      'env | grep -c DROVER_SECRET_NAMES',
      'exit 3',
    ].join('\n');

    const { batch_id: id, path } = await submit(house, [{ id: 'use', command, fields: { ...secrets, retries: '0' } }]);
    await ended(house, id);
    const logs = await house.drover('task', 'logs', `${id}/use`, '--both');
    const facts = await house.drover('events', '--batch', id);
    const left = everything(path) + logs.stdout + facts.stdout + JSON.stringify(await taskOf(house, id, 'use'));

    expect(readFileSync(join(path, 'length.txt'), 'utf8').trim()).toBe(String(Buffer.byteLength(SECRET)));
    expect(logs.stdout).toContain('token=[masked] daemon=[masked]');
    expect((await taskOf(house, id, 'use')).exit_code).toBe(3);
    for (const value of [
      SECRET,
      Buffer.from(SECRET).toString('latin1'),
      'value-of-the-daemon',
      Buffer.from(`${SECRET}\n`).toString('base64'),
    ])
      expect(left).not.toContain(value);
    expect(everything(join(house.home, 'logs'))).not.toContain('hunter2');
    expect(everything(join(house.home, 'agent'))).not.toContain('hunter2');
  });

  test('one that is missing fails its task at once and says where it belongs', async () => {
    await using house = await openHouse();

    const { batch_id: id } = await submit(house, [{ id: 'use', command: 'echo x', fields: { secrets: 'NO_SUCH' } }]);
    await ended(house, id);
    const { reason, attempt_list: attempts } = await taskOf(house, id, 'use');

    expect(reason).toContain('drover secrets set NO_SUCH');
    expect(attempts).toEqual([expect.objectContaining({ class: 'definition' })]);
  });

  test('whoever is killed when, no piece of the value is on the disk', async () => {
    await using house = await openHouse({ FROM_DAEMON: 'value-of-the-daemon' });
    const command = 'while :; do printf "%s " "$FROM_DAEMON" "$FROM_DAEMON"; done';
    const fields = { secrets: 'FROM_DAEMON', retries: '0' };

    const { batch_id: id, path } = await submit(house, [{ id: 'spin', command, fields }]);
    const log = join(path, 'logs/spin/1/stdout');
    await until(() => existsSync(log) && statSync(log).size > 10_000);
    await house.kill('agent');
    await until(async () => (await house.drover('daemon', 'status')).stdout.includes('pid'));
    await house.drover('batch', 'kill', id);
    await ended(house, id);

    expect(everything(path)).not.toContain('value-of');
  });
});

const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })));

/** Not in /tmp, of which a sandbox has its own. */
function outsideFolder(): string {
  const folder = mkdtempSync('/var/tmp/drover-outside-');
  folders.push(folder);
  return folder;
}

describe.runIf(hasBubblewrap)('a sandbox of bubblewrap', () => {
  const sandbox = { sandbox: 'bwrap', retries: '0' };

  test('has the system read-only, the batch folder writable, a /tmp of its own, and hides the secrets', async () => {
    await using house = await openHouse();
    const outside = outsideFolder();
    storeSecret(house, 'A', '12345678');
    const command = [
      'echo in > inside.txt',
      `echo out > ${outside}/file.txt; echo "outside $?" >> told.txt`,
      'echo out > /usr/drover-was-here; echo "system $?" >> told.txt',
      'echo tmp > /tmp/own.txt && ls -A /tmp >> told.txt',
      'echo "secrets [$(cat "$DROVER_HOME/secrets.env")]" >> told.txt',
      'ls /dev/sda /dev/kmsg >> told.txt 2>&1; ps ax | wc -l >> told.txt',
    ].join('\n');

    const { batch_id: id, path } = await submit(house, [{ id: 'box', command, fields: sandbox }]);
    await ended(house, id);
    const told = readFileSync(join(path, 'told.txt'), 'utf8');

    expect(readFileSync(join(path, 'inside.txt'), 'utf8')).toBe('in\n');
    expect(told).toMatch(/^outside 1\nsystem 1\n/);
    expect(told).toContain('own.txt');
    expect(told).toContain('secrets []');
    expect(readdirSync(outside)).toEqual([]);
    expect(existsSync('/usr/drover-was-here')).toBe(false);
  });

  test('writes where the policy lets it, and without a network reaches nobody', async () => {
    await using house = await openHouse();
    const shared = outsideFolder();
    writePolicy(house, { network: 'none', files: { write: [shared] } });
    const server = createServer((_, response) => response.end('reached'));
    await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
    const { port } = server.address() as AddressInfo;
    const reach = `exec 3<>/dev/tcp/127.0.0.1/${port} && echo reached`;

    const { batch_id: id, path } = await submit(house, [
      { id: 'boxed', command: `echo x > ${shared}/file.txt; (${reach}); echo "ended $?" > told.txt`, fields: sandbox },
      { id: 'free', command: `${reach} > free.txt`, fields: { retries: '0' } },
    ]);
    await ended(house, id);
    server.close();

    expect(readFileSync(join(path, 'told.txt'), 'utf8')).toBe('ended 1\n');
    expect(readFileSync(join(path, 'free.txt'), 'utf8')).toBe('reached\n');
    expect(readdirSync(shared)).toEqual(['file.txt']);
  });

  test('is asked to end before it is forced, and leaves nothing, also of what has left its group', async () => {
    await using house = await openHouse();
    const polite = 'trap "echo bye > bye.txt; exit 0" TERM\ntouch up.txt\nwhile :; do sleep 0.1; done';
    const stubborn = 'trap "" TERM\nsetsid sleep 4711 & touch up.txt\nwhile :; do sleep 0.1; done';

    // One after the other: where there is one core, one of them runs.
    const polites = await killedWhenUp(house, { id: 'polite', command: polite, fields: sandbox });
    await killedWhenUp(house, { id: 'stubborn', command: stubborn, fields: sandbox });

    expect(readFileSync(join(polites, 'bye.txt'), 'utf8')).toBe('bye\n');
    expect(execFileSync('sh', ['-c', 'pgrep -f "sleep 471[1]" || true'], { encoding: 'utf8' })).toBe('');
  });

  /** The folder of its batch, which is killed once the task has written `up.txt`. */
  async function killedWhenUp(house: House, task: TaskText): Promise<string> {
    const { batch_id: id, path } = await submit(house, [task]);
    await until(() => existsSync(join(path, 'up.txt')));
    await house.drover('batch', 'kill', id);
    await ended(house, id);
    return path;
  }

  test('tells how its command ended, with a secret in it too', async () => {
    await using house = await openHouse({ FROM_DAEMON: 'value-of-the-daemon' });
    const fields = { ...sandbox, secrets: 'FROM_DAEMON' };

    const { batch_id: id } = await submit(house, [{ id: 'box', command: 'echo "$FROM_DAEMON"; exit 7', fields }]);
    await ended(house, id);

    expect(await taskOf(house, id, 'box')).toMatchObject({ status: 'failed', exit_code: 7 });
    expect((await house.drover('task', 'logs', `${id}/box`)).stdout).toContain('[masked]');
  });
});

test('without bubblewrap a sandboxed task fails at once and says what to install', async () => {
  const node = process.execPath.slice(0, process.execPath.lastIndexOf('/'));
  const tools = mkdtempSync(join(tmpdir(), 'drover-tools-'));
  folders.push(tools);
  for (const tool of ['bash', 'sh', 'ps']) execFileSync('ln', ['-s', `/bin/${tool}`, join(tools, tool)]);
  await using house = await openHouse({ PATH: `${tools}:${node.startsWith('/usr') ? tools : node}` });

  const { batch_id: id } = await submit(house, [{ id: 'box', command: 'true', fields: { sandbox: 'bwrap' } }]);
  await ended(house, id);
  const { reason, attempt_list: attempts } = await taskOf(house, id, 'box');

  expect(reason).toContain('apt-get install bubblewrap');
  expect(attempts).toEqual([expect.objectContaining({ class: 'definition' })]);
});
