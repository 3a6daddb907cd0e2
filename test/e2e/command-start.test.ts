/** A command's time is the time to load it: a common one loads a handful of files and no package. */

import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { openHouse, ROOT } from '../support/house.ts';

/** What a V8 coverage report, the exact list of what a process has loaded, names besides Node itself. */
function loadedFiles(folder: string): string[] {
  return readdirSync(folder)
    .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { result: { url: string }[] }).result)
    .filter(({ url }) => url.startsWith('file:'))
    .map(({ url }) => relative(ROOT, fileURLToPath(url)))
    .toSorted();
}

test('drover ps loads four files, and none of a package', async () => {
  const coverage = mkdtempSync(join(tmpdir(), 'drover-loaded-'));
  try {
    await using house = await openHouse();
    await house.drover('daemon', 'start');
    house.env['NODE_V8_COVERAGE'] = coverage;

    const instances = await house.json('ps');

    delete house.env['NODE_V8_COVERAGE'];
    expect(instances).toEqual([]);
    expect(loadedFiles(coverage)).toEqual([
      'bin/drover.js',
      'dist/cli/main.cjs',
      'dist/cli/ps.cjs',
      'dist/cli/start.cjs',
    ]);
  } finally {
    rmSync(coverage, { recursive: true, force: true });
  }
});
