/** Provides the programs that suites need: Debian packages as root on Debian, and a llama-server built once. */

import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';

import { homedir } from 'node:os';
import { join } from 'node:path';

import { ROOT, run } from './run.js';

/** Engines that tests use, built once and kept on the machine. The suites read the same variable. */
const ENGINE_CACHE = process.env.DROVER_ENGINE_CACHE || join(homedir(), '.cache/drover/engines');

/** What each program is for; a missing one leaves that suite out. */
const PROGRAMS = [
  { packages: ['postgresql'], present: hasPostgres, suites: 'the store on PostgreSQL' },
  {
    packages: ['git', 'cmake', 'g++', 'make'],
    present: () => onPath('cmake', 'git', 'g++', 'make'),
    suites: 'a real llama-server',
  },
  {
    packages: ['libxml2-utils'],
    present: () => onPath('xmllint'),
    suites: 'service definitions against their grammars',
  },
  { packages: ['procps'], present: () => onPath('ps'), suites: 'process checks' },
  { packages: ['bubblewrap'], present: () => onPath('bwrap'), suites: 'sandboxes of tasks' },
  {
    packages: ['openssh-server', 'openssh-client'],
    present: () => onPath('/usr/sbin/sshd', 'ssh', 'ssh-keygen'),
    suites: 'control over ssh',
  },
  { packages: ['nginx-light'], present: () => onPath('/usr/sbin/nginx'), suites: 'a proxy before the front door' },
  { packages: ['tmux'], present: () => onPath('tmux'), suites: 'the dashboard' },
  { packages: ['chromium'], present: () => onPath('chromium'), suites: 'the page of the API in a browser' },
];

/** @param {(line: string) => void} say */
export async function provide(say) {
  const missing = PROGRAMS.filter((program) => !program.present());
  if (missing.length > 0) await install(missing, say);
  for (const program of PROGRAMS.filter((each) => !each.present())) {
    say(`left out: ${program.suites} (needs ${program.packages.join(', ')})`);
  }
}

/**
 * CI builds a llama-server once into the cache; elsewhere the suites that need one use it when it is there.
 * Needs `dist/`.
 * @param {(line: string) => void} say
 */
export async function provideLlamaServer(say) {
  if (hasLlamaServer()) return say(`llama-server: built before, in ${ENGINE_CACHE}`);
  if (!process.env.CI) {
    return say(
      `left out: suites on a real llama-server; build it once with: DROVER_ENGINE_CACHE=${ENGINE_CACHE} ./bin/drover.js engine build`,
    );
  }
  const env = { DROVER_ENGINE_CACHE: ENGINE_CACHE };
  const built = await run(
    'llama-server (once, about ten minutes)',
    process.execPath,
    [`${ROOT}bin/drover.js`, 'engine', 'build', '--backend', 'cpu'],
    { env },
  );
  if (!built.ok) say('left out: suites on a real llama-server; the build failed');
}

function hasLlamaServer() {
  const folder = join(ENGINE_CACHE, 'llama-server');
  return existsSync(folder) && readdirSync(folder).some((release) => existsSync(join(folder, release, 'llama-server')));
}

async function install(missing, say) {
  if (process.getuid?.() !== 0 || !onPath('apt-get')) {
    say('not root on Debian: nothing is installed');
    return;
  }
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const packages = missing.flatMap((program) => program.packages);
  await run('apt-get update', 'apt-get', ['update', '-q'], { env, quiet: true });
  await run(
    `apt-get install ${packages.join(' ')}`,
    'apt-get',
    ['install', '-y', '-q', '--no-install-recommends', ...packages],
    {
      env,
      quiet: true,
    },
  );
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
