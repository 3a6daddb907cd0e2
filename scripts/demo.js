/**
 * `npm run demo`: the main job on real parts, explained as it goes. Everything runs through the `drover` command in a
 * private home on free ports; at the end nothing is left running. `--keep` leaves it running and prints the URLs.
 */

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { build, ROOT } from './run.js';

const keep = process.argv.includes('--keep');
const home = mkdtempSync(join(tmpdir(), 'drover-demo-'));
const port = String(await freePort());
const env = { ...process.env, DROVER_HOME: home, DROVER_PORT: port, DROVER_HOST: '', DROVER_SIMULATE_RIG: '' };
const started = performance.now();

process.once('SIGINT', () => {
  stopEverything();
  process.exit(130);
});

try {
  await main();
} catch (error) {
  process.stdout.write(`\nThe demo failed: ${error.message}\nLogs: ${home}/logs\n`);
  process.exitCode = 1;
} finally {
  if (!keep) stopEverything();
}

async function main() {
  if (!existsSync(join(ROOT, 'dist/cli/main.cjs'))) await build();

  step('A model. Nothing is downloaded: this writes a small one whose weights are constructed.');
  await drover('models', 'demo');

  step('Two instances of it. `init` writes a config file each; `up` starts the engines and waits until they answer.');
  await drover('init', 'alpha', '--profile', 'cpu', '-m', 'demo');
  await drover('init', 'beta', '--profile', 'cpu', '-m', 'demo');
  await drover('up', 'alpha', 'beta');
  await drover('ps');

  step(`One chat answer, streamed through the front door (http://127.0.0.1:${port}/v1).`);
  await drover('infer', '--model', 'demo', '--prompt', 'Tell me about the herd.', '--max-tokens', '48', '--seed', '7');

  step(
    'A plan: scan text files, count words per file, write one sentence per file, combine. See examples/plans/library/plan.md.',
  );
  const batch = await submit();

  step('What came of it.');
  showHead(join(batch.path, 'output/library.csv'), 6);
  showHead(join(batch.path, 'RUN_SUMMARY.md'), 16);
  process.stdout.write(
    `\nAll of it lies in ${relative(process.cwd(), batch.path) || '.'}: output/, logs/ per task and attempt, RUN_SUMMARY.md\n`,
  );
  if (keep) tellHowToGoOn();
}

async function submit() {
  await drover('submit', 'examples/plans/library', '--wait');
  const batches = JSON.parse(await drover('batch', 'ls', '--json'));
  return batches[0];
}

function tellHowToGoOn() {
  process.stdout.write(`
It goes on running. In this shell:
  export DROVER_HOME=${home} DROVER_PORT=${port}
  ./bin/drover.js ps · ./bin/drover.js events -f · curl http://127.0.0.1:${port}/v1/models
Stop it with: ./bin/drover.js daemon stop --all
`);
}

/** Shows the command and what it prints; `--json` output is returned instead. */
async function drover(...args) {
  const json = args.includes('--json');
  if (!json) process.stdout.write(`\n$ drover ${args.map(quoted).join(' ')}\n`);
  const child = spawn(process.execPath, [join(ROOT, 'bin/drover.js'), ...args], {
    cwd: ROOT,
    env,
    stdio: ['ignore', json ? 'pipe' : 'inherit', 'inherit'],
  });
  let output = '';
  child.stdout?.on('data', (data) => (output += data));
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`drover ${args[0]} ended with exit code ${code}`);
  return output;
}

function showHead(file, lines) {
  const text = readFileSync(file, 'utf8').split('\n').slice(0, lines).join('\n');
  process.stdout.write(`\n${relative(ROOT, file)} begins:\n${text}\n`);
}

function quoted(argument) {
  return argument.includes(' ') ? `"${argument}"` : argument;
}

function step(text) {
  process.stdout.write(`\n\n── ${text}\n`);
}

function stopEverything() {
  process.stdout.write('\n\n── Everything is stopped: daemons, engines, workers.\n');
  spawnSync(process.execPath, [join(ROOT, 'bin/drover.js'), 'daemon', 'stop', '--all'], {
    cwd: ROOT,
    env,
    stdio: 'inherit',
  });
  const left = leftovers();
  if (left.length > 0) {
    process.stdout.write(`Still running: ${left.join(', ')}\n`);
    process.exitCode = 1;
    return;
  }
  if (process.exitCode === undefined || process.exitCode === 0) rmSync(home, { recursive: true, force: true });
  process.stdout.write(`Done in ${((performance.now() - started) / 1_000).toFixed(1)} s.\n`);
}

/** Processes that carry this demo's home in their environment (Linux). */
function leftovers() {
  if (process.platform !== 'linux') return [];
  const carries = (pid) => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(`DROVER_HOME=${home}`);
    } catch {
      return false;
    }
  };
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && Number(pid) !== process.pid && carries(pid));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address();
      server.close(() => resolve(free));
    });
  });
}
