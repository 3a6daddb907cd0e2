/**
 * `npm test`: provides what the suites need, builds, runs every suite and ends with one line, `N passed, N failed`.
 * As root on Debian it installs missing packages; elsewhere it says which suites stay out, and why.
 */

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { provide, provideLlamaServer } from './provide.js';
import { bin, build, ROOT, run } from './run.js';

const say = (line) => process.stdout.write(`${line}\n`);

/** More broken files than this are a broken build, not a busy machine: nothing is run again. */
const RERUN_FILES = 3;

/** Of a build that failed, or a runner that broke off before it wrote its report. */
const BROKEN = {
  passed: 0,
  failed: 1,
  skipped: 0,
  passedInFailedFiles: 0,
  failedFiles: [],
  failures: ['the runner broke off'],
};

await provide(say);
const built = await build();
if (built.ok) await provideLlamaServer(say);
const counts = built.ok ? await runAll() : BROKEN;
say(outcome(counts));
process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1;

/**
 * Every suite once; the few files that failed once more, alone, since a deadline missed on a busy machine is not a
 * defect. Both outcomes are told at the end, with what failed, so that a test that needs its second run is seen and mended.
 */
async function runAll() {
  const first = await runSuites('suites', []);
  const mayRunAgain = first.failedFiles.length > 0 && first.failedFiles.length <= RERUN_FILES;
  const again = mayRunAgain
    ? await runSuites('failed files, once more and alone', ['--no-file-parallelism', ...first.failedFiles])
    : null;
  if (first.skipped > 0) say(`skipped: ${first.skipped}`);
  tell('first run', first);
  if (again === null) return first;
  tell('second run, of the failed files alone', again);
  return { passed: first.passed - first.passedInFailedFiles + again.passed, failed: again.failed };
}

function tell(title, counted) {
  say(`${title}: ${outcome(counted)}`);
  counted.failures.forEach((line) => say(`  failed: ${line}`));
}

function outcome({ passed, failed }) {
  return `${passed} passed, ${failed} failed`;
}

/**
 * Counts of vitest's own JSON report, and what failed. Temporary files of the suites are in a folder that goes with
 * them, also those of a suite that was killed.
 */
async function runSuites(title, args) {
  const folder = mkdtempSync(join(tmpdir(), 'dt-'));
  try {
    const temporary = join(folder, 't');
    mkdirSync(temporary);
    // PostgreSQL is not run by root, and has its data there.
    for (const each of [folder, temporary]) chmodSync(each, 0o755);
    const file = join(folder, 'report.json');
    const outputs = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
    const env = { TMPDIR: temporary };
    const suites = await run(title, bin('vitest'), ['run', ...outputs, ...args], { env });
    tellWhatIsLeft(temporary);
    return existsSync(file) ? countsOf(JSON.parse(readFileSync(file, 'utf8')), suites.ok) : BROKEN;
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

/** Suites leave neither folders nor processes behind; whoever did so is seen here. */
function tellWhatIsLeft(temporary) {
  readdirSync(temporary).forEach((name) => say(`left in the temporary folder: ${name}`));
  const pids = existsSync('/proc/self') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  const left = pids.filter((pid) => textOf(`/proc/${pid}/environ`).includes(temporary));
  left.forEach((pid) => say(`left running: ${pid} ${textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')}`));
}

/** Empty of a process that has gone, or is somebody else's. */
function textOf(file) {
  try {
    return readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function countsOf(report, isOk) {
  const failedFiles = report.testResults.filter((suite) => suite.status === 'failed');
  const brokenFiles = failedFiles.filter((suite) => suite.assertionResults.length === 0);
  const failed = report.numFailedTests + brokenFiles.length;
  return {
    passed: report.numPassedTests,
    failed: isOk ? failed : Math.max(failed, 1),
    skipped: report.numPendingTests + report.numTodoTests,
    passedInFailedFiles: failedFiles.flatMap((suite) => suite.assertionResults).filter(hasPassed).length,
    failedFiles: failedFiles.map((suite) => suite.name),
    failures: failedFiles.flatMap(failureLines),
  };
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
