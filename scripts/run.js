/** Runs one command with its output shown, and tells how long it took. For the scripts of this folder only. */

import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * @param {string} title
 * @param {string} file
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string>, quiet?: boolean }} [options]
 * @returns {Promise<{ ok: boolean, seconds: number, output: string }>} `output` is kept only when quiet
 */
export async function run(title, file, args, options = {}) {
  const started = performance.now();
  const child = spawn(file, args, {
    cwd: ROOT,
    stdio: ['ignore', options.quiet ? 'pipe' : 'inherit', options.quiet ? 'pipe' : 'inherit'],
    env: { ...process.env, ...options.env },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (data) => (output += data));
  const ok = await new Promise((resolve) => {
    child.once('error', (error) => {
      output += error.message;
      resolve(false);
    });
    child.once('close', (code) => resolve(code === 0));
  });
  const seconds = (performance.now() - started) / 1_000;
  process.stdout.write(`${ok ? 'ok    ' : 'FAILED'} ${title} (${seconds.toFixed(1)} s)\n`);
  if (!ok && output !== '') process.stdout.write(`${output}\n`);
  return { ok, seconds, output };
}

/** A program of node_modules/.bin. */
export function bin(name) {
  return `${ROOT}node_modules/.bin/${name}`;
}

/** `npm run build`, quietly. */
export function build() {
  return run('build', process.execPath, [`${ROOT}scripts/build.js`], { quiet: true });
}
