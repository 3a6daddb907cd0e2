/** Plans from afar, and watching: what is sent and brought back, what screens and logs show of a batch. */

import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { openHouse, ROOT, until } from '../support/house.ts';
import type { House } from '../support/house.ts';
import { planOf, writePlan } from '../support/plans.ts';
import { restOf } from '../support/rest.ts';
import { hasTmux, openTerminal } from '../support/terminal.ts';

const DROVER = join(ROOT, 'bin/drover.js');

let house: House;
let away: string;
beforeAll(async () => {
  house = await openHouse();
  away = mkdtempSync(join(tmpdir(), 'away-'));
  await house.drover('daemon', 'start');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
  rmSync(away, { recursive: true, force: true });
});

const SCRIPTED = planOf('scripted', [
  { id: 'work', command: 'mkdir -p results && bash {PLAN_PATH}/scripts/say.sh > results/said.txt' },
]);

/** Another way to the controller's socket, as ssh makes one: whoever takes it may be on another machine. */
async function forwardedSocket(): Promise<{ readonly path: string } & AsyncDisposable> {
  const path = join(away, 'forwarded.sock');
  const server = createServer((near) => {
    const far = connect(join(house.home, 'run/drover.sock'));
    near.pipe(far).pipe(near);
    for (const side of [near, far]) side.on('error', () => [near, far].forEach((each) => each.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return { path, [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) };
}

describe('a plan from another machine', () => {
  test('is sent, run there, found there by name, and its results are brought back', async () => {
    await using socket = await forwardedSocket();
    const folder = join(away, 'scripted');
    cpSync(writePlan(away, SCRIPTED, { 'scripts/say.sh': 'echo hello from afar' }), folder, { recursive: true });
    mkdirSync(join(folder, 'history/old'), { recursive: true });
    const results = join(away, 'results');

    const submitted = await house.json<{ batch_id: string; path: string }>(
      'submit',
      folder,
      '--wait',
      '-H',
      socket.path,
    );
    await house.drover('batch', 'export', submitted.batch_id, results, '-H', socket.path);
    const twice = await house.drover('batch', 'export', submitted.batch_id, results, '-H', socket.path);
    rmSync(folder, { recursive: true });
    const again = await house.json<{ status: string }>('submit', 'scripted', '--wait', '-H', socket.path);

    expect(submitted.path).toMatch(new RegExp(`^${house.home}/plans/scripted/[0-9a-f]{64}/history/`));
    expect(readFileSync(join(results, 'results/said.txt'), 'utf8')).toBe('hello from afar\n');
    expect(existsSync(join(results, 'logs/work/1'))).toBe(true);
    expect(twice).toMatchObject({ code: 5, stderr: expect.stringContaining('PATH_TAKEN') as string });
    expect(existsSync(join(submitted.path, '../old'))).toBe(false);
    expect(again.status).toBe('succeeded');
  });

  test('with a name that leads out of its folder is refused, and leaves nothing', async () => {
    const operator = restOf(house, 'socket');

    const answered = await operator.ask('/v2/plans?name=..%2Fevil', {
      method: 'POST',
      headers: { 'content-type': 'application/x-tar' },
      body: 'not looked at',
    });

    expect(answered.status).toBe(400);
    expect(existsSync(join(house.home, 'evil'))).toBe(false);
  });
});

test('a text is checked over REST against the models that are here', async () => {
  const text = '# Plan: x\n## Tasks\n### a\n- **type**: generate\n- **model**: nobody\n\n```prompt\nHi\n```\n';

  const { body } = await restOf(house, 'socket').ask('/v2/plans/lint', { method: 'POST', body: { text } });

  expect(body).toMatchObject({ valid: false, diagnostics: expect.arrayContaining([expect.objectContaining({ code: 'P042' })]) as object[] }); // prettier-ignore
});

test('decisions are mirrored for tail -f, across a restart of the controller', async () => {
  const log = join(house.home, 'logs/brain_decisions.log');
  const ended = () =>
    existsSync(log)
      ? readFileSync(log, 'utf8').split('\n').filter((line) => line.includes('"batch.ended"')).map((line) => (JSON.parse(line) as { subject: string }).subject) // prettier-ignore
      : [];
  const folder = writePlan(house.home, planOf('told', [{ id: 'a', command: 'true' }]));

  const first = await house.json<{ batch_id: string }>('submit', folder, '--wait');
  await house.drover('daemon', 'stop');
  await house.drover('daemon', 'start');
  const second = await house.json<{ batch_id: string }>('submit', folder, '--wait');
  await until(ended, (subjects) => subjects.includes(`batch:${second.batch_id}`));

  expect(ended().filter((subject) => subject === `batch:${first.batch_id}`)).toHaveLength(1);
});

test('old runs of a plan go when the setting says so, and its history stays', async () => {
  const folder = writePlan(house.home, planOf('kept', [{ id: 'a', command: 'true' }]));
  writeFileSync(join(house.home, 'config.json'), JSON.stringify({ plan_runs_keep: 1 }));
  await house.drover('daemon', 'stop');
  await house.drover('daemon', 'start');

  const old = await house.json<{ path: string }>('submit', folder, '--wait');
  await house.json('submit', folder, '--wait');
  await until(
    () => existsSync(join(old.path, 'logs')),
    (there) => !there,
  );

  expect(existsSync(join(old.path, 'RUN_SUMMARY.md'))).toBe(true);
  const history = await house.json<{ roll_up: { runs: number }; runs: { trimmed: boolean }[] }>(
    'plan',
    'history',
    'kept',
  );
  expect(history.roll_up.runs).toBe(2);
  expect(history.runs.map(({ trimmed }) => trimmed)).toEqual([false, true]);
});

describe.skipIf(!hasTmux)('in a terminal', () => {
  /** Its items run until somebody has looked at them: until there is a file `seen`. */
  const SLOW = planOf('slow', [
    { id: 'list', command: "(echo id; seq 12 | sed 's/^/word-/') > l.csv" },
    {
      id: 'work',
      foreach: 'l.csv',
      dependsOn: 'list',
      command: 'until [ -e {PLAN_PATH}/seen ]; do sleep 0.1; done; echo {ITEM.id}',
    },
  ]);

  test('the line of submit --wait stays below what scrolls, and leaves nothing behind', async () => {
    const folder = writePlan(house.home, SLOW);
    await using terminal = openTerminal(house.env, { cwd: house.home, columns: 110, rows: 14 });

    terminal.enter(`node ${DROVER} submit ${folder} --wait`);
    const during = await terminal.shows(/\d+\/13 done.* running.* for /);
    writeFileSync(join(folder, 'seen'), '');
    const after = await terminal.shows(/succeeded: 13\/13 done/);

    expect(during.filter((line) => /\d+\/13 done/.test(line))).toHaveLength(1);
    const told = /^(\$.*|batch \S+.*|(list|work)\S* .*|\/.*|at-the-prompt>.*|\S*submit.*|)$/;
    expect(after.filter((line) => !told.test(line))).toEqual([]);
  });

  test('watch shows batches and tasks as they change, and gives the terminal back', async () => {
    const folder = writePlan(house.home, SLOW);
    await using terminal = openTerminal(house.env, { cwd: house.home, columns: 100, rows: 24 });

    await house.drover('submit', folder);
    terminal.enter(`node ${DROVER} watch --interval 500ms`);
    await terminal.shows(/running .* \d+\/13[^]*work_word-\d+ .* running/);
    writeFileSync(join(folder, 'seen'), '');
    terminal.resize(60, 16);
    const shown = await terminal.shows(/13\/13/);
    terminal.press('q');
    await terminal.shows('at-the-prompt>');

    expect(shown.every((line) => line.length <= 60)).toBe(true);
    expect([terminal.state('alternate_on'), terminal.state('cursor_flag')]).toEqual(['0', '1']);
  });
});

test('off a terminal watch prints a plain line for each change', async () => {
  const folder = writePlan(house.home, planOf('plain', [{ id: 'a', command: 'true' }]));
  const { batch_id: id } = await house.json<{ batch_id: string }>('submit', folder, '--wait');

  const once = await house.drover('watch', '--once');

  expect(once.stdout).toContain(id);
  expect(once.stdout).not.toContain('\u001b');
});
