/** Provides the programs that suites need: Debian packages as root on Debian, and a llama-server built once. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

import { run } from './run.js';

/** What each program is for; a missing one leaves that suite out. */
const PROGRAMS = [
  { packages: ['postgresql'], present: hasPostgres, suites: 'the store on PostgreSQL' },
  { packages: ['git', 'cmake', 'g++', 'make'], present: () => onPath('cmake', 'git', 'g++', 'make'), suites: 'a real llama-server' },
  { packages: ['procps'], present: () => onPath('ps'), suites: 'process checks' },
];

/** @param {(line: string) => void} say */
export async function provide(say) {
  const missing = PROGRAMS.filter((program) => !program.present());
  if (missing.length > 0) await install(missing, say);
  for (const program of PROGRAMS.filter((each) => !each.present())) {
    say(`left out: ${program.suites} (needs ${program.packages.join(', ')})`);
  }
}

async function install(missing, say) {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    say('not root on Debian: nothing is installed');
    return;
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = missing.flatMap((program) => program.packages);
  await run('apt-get update', 'apt-get', ['update', '-q'], { env, quiet: true });
  await run(`apt-get install ${packages.join(' ')}`, 'apt-get', ['install', '-y', '-q', '--no-install-recommends', ...packages], {
    env,
    quiet: true,
  });
}

function hasPostgres() {
  const folder = '/usr/lib/postgresql';
  return existsSync(folder) && readdirSync(folder).some((version) => existsSync(`${folder}/${version}/bin/initdb`));
}

function onPath(...programs) {
  return programs.every((program) => {
    try {
      execFileSync('sh', ['-c', 'command -v "$1"', 'sh', program], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}
