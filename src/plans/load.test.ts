/** A plan folder on disk: what is read, and what changes its version. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
