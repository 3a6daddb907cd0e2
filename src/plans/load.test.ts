/** A plan folder on disk: what is read, and what changes its version. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadPlanFolder } from './load.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'drover-plan-'));
  mkdirSync(join(folder, 'scripts', 'deep'), { recursive: true });
  writeFileSync(join(folder, 'plan.md'), '# Plan: x\n');
  writeFileSync(join(folder, 'scripts', 'deep', 'a.sh'), 'echo a\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

test('the version changes with plan.md, scripts and schemas, not with what batches leave behind', async () => {
  const first = await loadPlanFolder(folder);
  mkdirSync(join(folder, 'history'));
  writeFileSync(join(folder, 'history', 'x'), 'left behind');
  const second = await loadPlanFolder(folder);
  writeFileSync(join(folder, 'scripts', 'deep', 'a.sh'), 'echo b\n');
  const third = await loadPlanFolder(folder);
  mkdirSync(join(folder, 'schemas'));
  writeFileSync(join(folder, 'schemas', 'x.json'), '{}');
  const fourth = await loadPlanFolder(folder);

  expect(first).toMatchObject({ kind: 'loaded', source: '# Plan: x\n', files: ['scripts/deep/a.sh'] });
  expect(second).toEqual(first);
  expect(third).not.toEqual(first);
  expect(fourth).toMatchObject({ files: ['schemas/x.json', 'scripts/deep/a.sh'] });
  expect(fourth).not.toMatchObject({ digest: third.kind === 'loaded' ? third.digest : '' });
});

test('a folder without plan.md is an answer, not an exception', async () => {
  expect(await loadPlanFolder(join(folder, 'none'))).toEqual({
    kind: 'missing',
    reason: `there is no plan.md in ${join(folder, 'none')}`,
  });
});

test('a link to a file is one of the files, one to a folder or to nothing is not', async () => {
  symlinkSync(join(folder, 'plan.md'), join(folder, 'scripts', 'linked.md'));
  symlinkSync(folder, join(folder, 'scripts', 'round'));
  symlinkSync(join(folder, 'none'), join(folder, 'scripts', 'gone'));

  expect(await loadPlanFolder(folder)).toMatchObject({ files: ['scripts/deep/a.sh', 'scripts/linked.md'] });
});

test('the text of a JSON file that the plan names comes with it', async () => {
  mkdirSync(join(folder, 'lib'));
  writeFileSync(join(folder, 'lib', 'a.json'), '{"a": 1}');
  writeFileSync(join(folder, 'lib', 'b.json'), '{"b": 1}');
  writeFileSync(join(folder, 'plan.md'), 'lib/a.json\n');

  expect(await loadPlanFolder(folder)).toMatchObject({ texts: new Map([['lib/a.json', '{"a": 1}']]) });
});

test('a folder named plan.md is no plan', async () => {
  rmSync(join(folder, 'plan.md'));
  mkdirSync(join(folder, 'plan.md'));

  expect(await loadPlanFolder(folder)).toMatchObject({ kind: 'missing' });
});
