/**
 * `npm test`: provides what the suites need, builds, runs every suite and ends with one line, `N passed, N failed`.
 * As root on Debian it installs missing packages; elsewhere it says which suites stay out, and why.
 */

import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { provide, provideLlamaServer } from './provide.js';
import { bin, build, ROOT, run } from './run.js';

const say = (line) => process.stdout.write(`${line}\n`);

/** More broken files than this are a broken build, not a busy machine: nothing is run again. */
const RERUN_FILES = 3;

await provide(say);
const built = await build();
if (built.ok) await provideLlamaServer(say);
const report = built.ok ? await runAll() : null;
const counts = report ?? { passed: 0, failed: 1, skipped: 0 };
say(`${counts.passed} passed, ${counts.failed} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ''}`);
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

/**
 * Every suite once; the few files that failed once more, alone, since a deadline missed on a busy machine is not a
 * defect. What failed is named each time, so that a test that needs its second run is seen and mended.
 */
async function runAll() {
  const first = await runSuites('suites', []);
  if (first === null || first.failed === 0) return first;
  first.failures.forEach((line) => say(`failed: ${line}`));
  if (first.failedFiles.length === 0 || first.failedFiles.length > RERUN_FILES) return first;
  const again = await runSuites('failed files, once more and alone', ['--no-file-parallelism', ...first.failedFiles]);
  if (again === null) return first;
  again.failures.forEach((line) => say(`failed again: ${line}`));
  return { ...again, passed: first.passed - first.passedInFailedFiles + again.passed, skipped: first.skipped };
}

/** Counts of vitest's own JSON report, and what failed; null of a runner that broke off before it wrote one. */
async function runSuites(title, args) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-test-'));
  try {
    const file = join(folder, 'report.json');
    const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const suites = await run(title, bin('vitest'), ['run', ...outputs, ...args]);
    if (!existsSync(file)) return null;
    const json = JSON.parse(readFileSync(file, 'utf8'));
    const failedFiles = json.testResults.filter((suite) => suite.status === 'failed');
    const brokenFiles = failedFiles.filter((suite) => suite.assertionResults.length === 0);
    const failed = json.numFailedTests + brokenFiles.length;
    return {
      passed: json.numPassedTests,
      failed: suites.ok ? failed : Math.max(failed, 1),
      skipped: json.numPendingTests + json.numTodoTests,
      passedInFailedFiles: failedFiles.flatMap((suite) => suite.assertionResults).filter(hasPassed).length,
      failedFiles: failedFiles.map((suite) => suite.name),
      failures: failedFiles.flatMap(failureLines),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** One line for each failed test of a file: where, which, and the first line of why. */
function failureLines(suite) {
  const failed = suite.assertionResults.filter((test) => test.status === 'failed');
  const place = relative(ROOT, suite.name);
  if (failed.length === 0) return [`${place}: ${firstLine(suite.message)}`];
  return failed.map((test) => `${place}: ${test.fullName}: ${firstLine(test.failureMessages[0] ?? '')}`);
}

function hasPassed(test) {
  return test.status === 'passed';
}

function firstLine(text) {
  return (text ?? '').split('\n', 1)[0].slice(0, 300);
}
