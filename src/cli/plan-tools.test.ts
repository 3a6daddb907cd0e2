import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createTestHome } from '../../test/support/cli/run-command.ts';
import type { TestHome } from '../../test/support/cli/run-command.ts';

let home: TestHome;
beforeEach(() => void (home = createTestHome()));
afterEach(() => home[Symbol.dispose]());

const SLOPPY = '# sloppy\n## Task List\n### Task: one (first)\n* task_class: cpu\n* command: true\n* timeout: 1m\n';

function writePlan(folder: string, text: string): string {
  const path = join(home.path, folder);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'plan.md'), text);
  return path;
}

describe('plan fmt', () => {
  test('mends near misses, so that the plan lints clean, and then has nothing more to do', async () => {
    const folder = writePlan('sloppy', SLOPPY);

    const lint = await home.run(['plan', 'lint', folder]);
    const check = await home.run(['plan', 'fmt', folder, '--check']);
    const shown = await home.run(['plan', 'fmt', folder, '--stdout']);

    expect(lint).toMatchObject({
      code: 4,
      stderr: expect.stringContaining(`"drover plan fmt ${folder}" mends`) as string,
    });
    expect(check).toMatchObject({ code: 1, stdout: expect.stringContaining('not in the canonical form') as string });
    expect(readFileSync(join(folder, 'plan.md'), 'utf8')).toBe(SLOPPY);
    expect(await home.run(['plan', 'fmt', folder])).toMatchObject({ code: 0, stdout: `${folder}/plan.md\n` });
    expect(readFileSync(join(folder, 'plan.md'), 'utf8')).toBe(shown.stdout);
    expect(await home.run(['plan', 'fmt', folder, '--check'])).toMatchObject({ code: 0, stdout: '' });
    expect(await home.run(['plan', 'lint', folder])).toMatchObject({
      code: 0,
      stdout: 'sloppy/plan.md: no problems\n',
    });
  });

  test('takes several plans, each once, and names each that is not as it should be', async () => {
    const bad = writePlan('plans/bad', SLOPPY);
    writePlan('plans/worse', SLOPPY);

    const check = await home.run(['plan', 'fmt', 'plans/bad', 'plans/bad/plan.md', 'plans/worse', '--check']);
    const stdout = await home.run(['plan', 'fmt', 'plans/bad', 'plans/worse', '--stdout']);
    await home.run(['plan', 'fmt', 'plans/bad', 'plans/worse']);

    expect(check.code).toBe(1);
    expect(check.stdout.match(/not in the canonical form; run "drover plan fmt plans\/\w+"/g)).toHaveLength(2);
    expect(stdout).toMatchObject({ code: 2, stdout: '' });
    expect(readFileSync(join(bad, 'plan.md'), 'utf8')).toContain('# Plan: sloppy');
    expect(await home.run(['plan', 'fmt', 'plans/bad', 'plans/worse', '--check'])).toMatchObject({ code: 0 });
  });
});

describe('plan lint', () => {
  const PARSE = [
    '# Plan: read\n\n## Tasks\n\n### read\n- **type**: parse\n- **model**: demo\n- **timeout**: 1m',
    '- **schema**: schemas/invoice.json\n\n```prompt\nWhat is paid?\n```\n',
  ].join('\n');

  test.each(['lint', 'dry-run', 'graph'])(
    '%s finds a schema file that is no JSON Schema, as submit does',
    async (verb) => {
      const folder = writePlan('read', PARSE);
      mkdirSync(join(folder, 'schemas'));
      writeFileSync(join(folder, 'schemas', 'invoice.json'), '{"type": "invoice"}');

      const run = await home.run(['plan', verb, folder]);

      expect(run).toMatchObject({
        code: 4,
        stderr: expect.stringContaining('9:15: error P052 schemas/invoice.json is no JSON Schema') as string,
      });
    },
  );

  test('takes the path of a plan.md for its folder; another file is no plan', async () => {
    const folder = writePlan('sloppy', SLOPPY);
    writeFileSync(join(folder, 'README.md'), 'read me');

    expect(await home.run(['plan', 'lint', 'sloppy/plan.md'])).toMatchObject({ code: 4 });
    expect(await home.run(['plan', 'lint', 'sloppy/README.md'])).toMatchObject({
      code: 3,
      stderr: expect.stringMatching(/PLAN_NOT_FOUND .*sloppy\/README\.md has no plan\.md/) as string,
    });
  });

  test('a folder named plan.md is no plan', async () => {
    mkdirSync(join(home.path, 'odd', 'plan.md'), { recursive: true });

    const run = await home.run(['plan', 'lint', join(home.path, 'odd')]);

    expect(run).toMatchObject({ code: 3, stderr: expect.stringContaining('has no plan.md') as string });
  });
});

test('plan lint --json of what is no plan prints no list of findings, which would read as a clean plan', async () => {
  expect(await home.run(['plan', 'lint', 'nowhere', '--json'])).toMatchObject({
    code: 3,
    stdout: '',
    stderr: expect.stringContaining('error PLAN_NOT_FOUND'),
  });
});

describe('plan lint of several plans', () => {
  const GOOD = '# Plan: x\n## Tasks\n### a\n- **task_class**: cpu\n- **timeout**: 1m\n- **command**: `true`\n';

  test('tells what is no plan, goes on with the others, and exits 3 unless one has errors', async () => {
    writePlan('plans/bad', SLOPPY);
    writePlan('plans/good', GOOD);
    writeFileSync(join(home.path, 'plans/README.md'), 'read me');

    const clean = await home.run(['plan', 'lint', 'plans/README.md', 'plans/good']);
    const all = await home.run(['plan', 'lint', 'plans/README.md', 'plans/bad', 'plans/good', '--json']);

    expect(clean).toMatchObject({
      code: 3,
      stdout: 'plans/good/plan.md: no problems\n',
      stderr: expect.stringMatching(/PLAN_NOT_FOUND .*plans\/README\.md has no plan\.md/) as string,
    });
    expect(all).toMatchObject({ code: 4, stderr: expect.stringContaining('PLAN_NOT_FOUND') as string });
    expect(JSON.parse(all.stdout)).not.toEqual([]);
  });

  test('tells of each by its path, and exits 4 when one has an error', async () => {
    writePlan('plans/bad', SLOPPY);
    writePlan('plans/good', GOOD);

    const people = await home.run(['plan', 'lint', 'plans/bad', 'plans/good']);
    const json = await home.run(['plan', 'lint', 'plans/good', 'plans/bad', '--json']);

    expect(people).toMatchObject({ code: 4, stdout: 'plans/good/plan.md: no problems\n' });
    expect(people.stderr).toMatch(/^plans\/bad\/plan\.md:3:/m);
    expect(people.stderr).toContain('"drover plan fmt plans/bad" mends');
    expect(people.stderr).toContain('1 of 2 plans have errors');
    expect(json.code).toBe(4);
    const files = (JSON.parse(json.stdout) as readonly { readonly file: string }[]).map(({ file }) => file);
    expect(new Set(files)).toEqual(new Set(['plans/bad/plan.md']));
    expect(await home.run(['plan', 'lint', 'plans/good', 'plans/good'])).toMatchObject({
      code: 0,
      stdout: 'plans/good/plan.md: no problems\n',
    });
  });

  test('makes one SARIF log of all', async () => {
    writePlan('plans/bad', SLOPPY);
    writePlan('plans/worse', SLOPPY);

    const run = await home.run(['plan', 'lint', 'plans/bad', 'plans/worse', '--sarif']);

    const { runs } = JSON.parse(run.stdout) as { readonly runs: readonly { readonly results: readonly object[] }[] };
    expect(runs).toHaveLength(1);
    expect(JSON.stringify(runs)).toContain('"uri":"plans/bad/plan.md"');
    expect(JSON.stringify(runs)).toContain('"uri":"plans/worse/plan.md"');
  });

  test('without a plan is a usage error', async () => {
    expect(await home.run(['plan', 'lint'])).toMatchObject({ code: 2 });
  });
});

describe('plan lint --sarif', () => {
  test('prints the log alone, with the path from here, and exit 4 for errors', async () => {
    writePlan('sloppy', SLOPPY);

    const run = await home.run(['plan', 'lint', 'sloppy', '--sarif']);

    expect(run).toMatchObject({ code: 4, stderr: '' });
    expect(JSON.parse(run.stdout)).toMatchObject({
      version: '2.1.0',
      runs: [
        {
          tool: { driver: { name: 'drover plan lint' } },
          results: expect.arrayContaining([
            expect.objectContaining({
              ruleId: 'P002',
              locations: [
                {
                  physicalLocation: expect.objectContaining({ artifactLocation: { uri: 'sloppy/plan.md' } }) as object,
                },
              ],
            }),
          ]) as object[],
        },
      ],
    });
  });
});

describe('plan graph', () => {
  test('prints Mermaid, or writes an SVG where the name of the file says so', async () => {
    await home.run(['plan', 'new', 'first']);

    const mermaid = await home.run(['plan', 'graph', 'first']);
    const written = await home.run(['plan', 'graph', 'first', '--out', 'pictures/first.svg']);

    expect(mermaid).toMatchObject({ code: 0, stdout: expect.stringContaining('flowchart TD\n') as string });
    expect(written).toMatchObject({ code: 0, stdout: `${home.path}/pictures/first.svg\n` });
    expect(readFileSync(join(home.path, 'pictures', 'first.svg'), 'utf8')).toContain('<svg xmlns=');
  });

  test('draws no plan with errors, but says what is wrong', async () => {
    const run = await home.run(['plan', 'graph', writePlan('sloppy', SLOPPY)]);

    expect(run).toMatchObject({ code: 4, stdout: '', stderr: expect.stringContaining('error P00') as string });
  });
});

describe('plan new', () => {
  test.each(['shell', 'llm', 'goal'])('the template %s lints clean and is in the canonical form', async (template) => {
    await home.run(['plan', 'new', 'first', '--template', template]);

    expect(await home.run(['plan', 'lint', 'first'])).toMatchObject({
      code: 0,
      stdout: 'first/plan.md: no problems\n',
    });
    expect(await home.run(['plan', 'fmt', 'first', '--check'])).toMatchObject({ code: 0 });
    expect(await home.run(['plan', 'dry-run', 'first'])).toMatchObject({ code: 0 });
  });

  test('a folder that has a plan is taken', async () => {
    await home.run(['plan', 'new', 'first']);

    const run = await home.run(['plan', 'new', 'first']);

    expect(run).toMatchObject({
      code: 5,
      stderr: expect.stringMatching(/PATH_TAKEN .*first\/plan\.md exists/) as string,
    });
  });

  test('an unknown template is refused with those there are', async () => {
    const run = await home.run(['plan', 'new', 'first', '--template', 'x']);

    expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining('shell, llm, goal') as string });
  });
});

test.each([
  [[], 'A compiled Drover plan'],
  [['--fields'], 'The fields of a task in plan.md'],
])('plan schema %s prints a JSON Schema', async (flags, title) => {
  const run = await home.run(['plan', 'schema', ...flags]);

  expect(JSON.parse(run.stdout)).toMatchObject({ title });
});

describe('plans with a name', () => {
  test('lie here, in the home, in configured folders, or were uploaded; the first of a name counts', async () => {
    const plan = '# Plan: x\n';
    writePlan('work/plans/a', plan);
    writePlan('plans/a', plan);
    writePlan(`plans/b/${'0'.repeat(64)}`, plan);
    writePlan('more/c', plan);
    writeFileSync(join(home.path, 'config.json'), JSON.stringify({ plan_folders: [join(home.path, 'more')] }));

    const run = await home.run(['plan', 'ls', '--json'], { cwd: join(home.path, 'work') });

    expect(JSON.parse(run.stdout)).toEqual([
      { name: 'a', folder: join(home.path, 'work/plans/a') },
      { name: 'b', folder: join(home.path, 'plans/b', '0'.repeat(64)) },
      { name: 'c', folder: join(home.path, 'more/c') },
    ]);
    expect(await home.run(['plan', 'lint', 'c'])).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('P001') as string,
    });
  });
});

test.each([
  [['batch', 'ls', '--status', 'failed,faild'], '"faild" is none of running, paused, succeeded, failed, cancelled'],
  [['task', 'ls', '--state', 'failed,faild'], '"faild" is none of waiting, ready, leased'],
  [['task', 'ls', '--class', 'gpu'], '"gpu" is none of cpu, script, llm, meta, brain'],
  [['requests', 'ls', '--state', 'gone'], '"gone" is none of queued, dispatched'],
  [['key', 'create', '--scope', 'admin'], '"admin" is none of inference, read, manage'],
  [['task', 'ls', '--limit', '0'], '0 is too few: 1 or more'],
  [['batch', 'retry', 'b', '--items', ','], '"," names nothing'],
])('%j is a usage error that says what there is', async (argv, told) => {
  expect(await home.run(argv)).toMatchObject({ code: 2, stderr: expect.stringContaining(told) as string });
});
