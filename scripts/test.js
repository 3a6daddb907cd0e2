/**
 * `npm test`: provides what the suites need, builds, runs every suite and ends with one line, `N passed, N failed`.
 * As root on Debian it installs missing packages; elsewhere it says which suites stay out, and why.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { provide, provideLlamaServer } from './provide.js';
import { bin, build, run } from './run.js';

const say = (line) => process.stdout.write(`${line}\n`);

await provide(say);
const built = await build();
if (built.ok) await provideLlamaServer(say);
const report = built.ok ? await runSuites() : null;
const counts = report ?? { passed: 0, failed: 1, skipped: 0 };
say(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

/** Counts of vitest's own JSON report; a runner that broke off counts as one failure. */
async function runSuites() {
  const folder = mkdtempSync(join(tmpdir(), 'drover-test-'));
  try {
    const file = join(folder, 'report.json');
    const suites = await run('suites', bin('vitest'), [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ]);
    if (!existsSync(file)) return null;
    const json = JSON.parse(readFileSync(file, 'utf8'));
    const brokenFiles = json.testResults.filter(
      (suite) => suite.status === 'failed' && suite.assertionResults.length === 0,
    ).length;
    const failed = json.numFailedTests + brokenFiles;
    return {
      passed: json.numPassedTests,
      failed: suites.ok ? failed : Math.max(failed, 1),
      skipped: json.numPendingTests + json.numTodoTests,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
