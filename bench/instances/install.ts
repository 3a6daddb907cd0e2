/**
 * An installation from nothing: a clone, `npm ci` without a network, and compilers that only tell that they were called.
 * What `npm ci` needs from the registry is fetched before, into a cache of its own.
 */

import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { ROOT } from '../../test/support/house.ts';

export interface InstallFacts {
  readonly seconds: number;
  readonly compilers: readonly string[];
  /** True where no network namespace can be made: then nothing is proven about downloads. */
  readonly withNetwork: boolean;
}

const COMPILERS = ['cc', 'c++', 'gcc', 'g++', 'clang', 'clang++', 'make', 'cmake', 'ninja', 'node-gyp', 'curl', 'wget'];
const NO_NETWORK = ['unshare', '--net', '--map-root-user'];

export async function measureInstall(folder: string): Promise<InstallFacts> {
  const [clone, cache, tools] = ['clone', 'cache', 'tools'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  const called = join(folder, 'called');
  execFileSync('git', ['clone', '-q', ROOT, clone]);
  makeTellTales(tools, called);
  const env = { ...process.env, PATH: `${tools}:${process.env['PATH']}`, npm_config_cache: cache };
  const ci = (before: readonly string[], ...flags: string[]): number => {
    const started = performance.now();
    const [file = '', ...args] = [...before, 'npm', 'ci', ...flags];
    execFileSync(file, args, { cwd: clone, env, stdio: ['ignore', 'ignore', 'inherit'] });
    return (performance.now() - started) / 1_000;
  };
  ci([], '--ignore-scripts');
  rmSync(join(clone, 'node_modules'), { recursive: true });
  const withNetwork = spawnSync('unshare', [...NO_NETWORK.slice(1), 'true']).status !== 0;
  const seconds = ci(withNetwork ? [] : NO_NETWORK, '--offline');
  if (!existsSync(join(clone, 'dist/cli/main.cjs'))) throw new Error('npm ci built nothing');
  const compilers = existsSync(called) ? [...new Set(readFileSync(called, 'utf8').trim().split('\n'))] : [];
  return { seconds, compilers, withNetwork };
}

function makeTellTales(folder: string, called: string): void {
  mkdirSync(folder, { recursive: true });
  for (const name of COMPILERS) {
    writeFileSync(join(folder, name), `#!/bin/sh\necho ${name} >>"${called}"\nexit 1\n`, { mode: 0o755 });
  }
}
