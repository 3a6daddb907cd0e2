// @ts-check
/**
 * A private PostgreSQL for tests: Debian's binaries, a temporary folder, a free loopback port with a random password,
 * an unprivileged user. Plain JavaScript, so that scripts can call it before anything is built.
 */

import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const DEBIAN_ROOT = '/usr/lib/postgresql';
const MIN_VERSION = 15;
const START_TIMEOUT_MS = 60_000;

/** @typedef {{ url: string, stop: () => Promise<void> }} RunningPostgres */
/** @typedef {{ folder: string, program: (name: string, args: string[]) => [string, string[]] }} Place */

/** The newest server binaries of Debian, or null when none are installed.
 * @returns {string | null} */
export function findPostgres() {
  if (process.env['DROVER_TEST_POSTGRES'] === 'off') return null;
  if (!existsSync(DEBIAN_ROOT)) return null;
  const versions = readdirSync(DEBIAN_ROOT)
    .map(Number)
    .filter((version) => version >= MIN_VERSION && existsSync(join(DEBIAN_ROOT, String(version), 'bin', 'postgres')))
    .toSorted((a, b) => b - a);
  return versions[0] === undefined ? null : join(DEBIAN_ROOT, String(versions[0]), 'bin');
}

/** Initialises and starts a server. `stop` ends it and removes its folder; it also ends when this process dies.
 * @returns {Promise<RunningPostgres>} */
export async function startPostgres() {
  const bin = findPostgres();
  if (bin === null) throw new Error(`no PostgreSQL server binaries under ${DEBIAN_ROOT}`);
  const place = createPlace(bin);
  try {
    const password = randomBytes(16).toString('hex');
    await initialise(place, password);
    const port = await freePort();
    const stopServer = await startServer(place, port);
    const stop = async () => {
      await stopServer();
      rmSync(place.folder, { recursive: true, force: true });
    };
    return { url: `postgres://drover:${password}@127.0.0.1:${port}/postgres`, stop };
  } catch (error) {
    rmSync(place.folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param {string} bin @returns {Place} */
function createPlace(bin) {
  const folder = mkdtempSync(join(tmpdir(), 'drover-pg-'));
  const user = process.getuid?.() === 0 ? unprivilegedUser() : null;
  if (user) chownSync(folder, user.uid, user.gid);
  const become = user ? [`--reuid=${user.uid}`, `--regid=${user.gid}`, '--clear-groups'] : [];
  return {
    folder,
    // SIGQUIT on the death of the test process: the server shuts down at once instead of outliving it.
    program: (name, args) =>
      existsSync('/usr/bin/setpriv')
        ? ['/usr/bin/setpriv', [...become, '--pdeathsig', 'QUIT', '--', join(bin, name), ...args]]
        : [join(bin, name), args],
  };
}

/** PostgreSQL refuses to run as root.
 * @returns {{ uid: number, gid: number }} */
function unprivilegedUser() {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n');
  const line = ['postgres', 'nobody'].map((name) => lines.find((one) => one.startsWith(`${name}:`))).find(Boolean);
  if (line === undefined) throw new Error('neither "postgres" nor "nobody" is a user of this machine');
  const [, , uid, gid] = line.split(':');
  return { uid: Number(uid), gid: Number(gid) };
}

/** @param {Place} place @param {string} password */
async function initialise({ folder, program }, password) {
  const passwordFile = join(folder, 'password');
  writeFileSync(passwordFile, password, { mode: 0o644 });
  const access = ['-U', 'drover', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  // A linguistic sort order, to catch code that expects that of bytes.
  const locale = ['-E', 'UTF8', '--locale=C.UTF-8', '--locale-provider=icu', '--icu-locale=en-US'];
  const [file, args] = program('initdb', ['-D', join(folder, 'data'), ...access, ...locale, '--no-sync']);
  await promisify(execFile)(file, args, { cwd: folder });
  rmSync(passwordFile);
}

/** @param {Place} place @param {number} port @returns {Promise<() => Promise<void>>} */
async function startServer({ folder, program }, port) {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    shared_buffers: '32MB',
    max_connections: '100',
    fsync: 'on',
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  const [file, args] = program('postgres', ['-D', join(folder, 'data'), '-p', String(port), ...flags]);
  const server = spawn(file, args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const exited = once(server, 'exit');
  await untilReady(server);
  return async () => {
    server.kill('SIGINT');
    await exited;
  };
}

/** @param {import('node:child_process').ChildProcessByStdio<null, null, import('node:stream').Readable>} server */
async function untilReady(server) {
  let log = '';
  const ready = new Promise((resolve) => {
    server.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      log = `${log}${text}`.slice(-4096);
      if (log.includes('ready to accept connections')) resolve('ready');
    });
  });
  const failed = new Promise((resolve) => {
    server.once('error', (error) => resolve(error.message));
    server.once('exit', (code) => resolve(`exited with code ${code}`));
  });
  const late = new AbortController();
  const timeout = sleep(START_TIMEOUT_MS, 'not ready in time', { signal: late.signal }).catch(() => 'stopped waiting');
  const outcome = await Promise.race([ready, failed, timeout]);
  late.abort();
  if (outcome === 'ready') return;
  server.kill('SIGKILL');
  throw new Error(`PostgreSQL did not start (${outcome}): ${log}`);
}

/** @returns {Promise<number>} */
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
