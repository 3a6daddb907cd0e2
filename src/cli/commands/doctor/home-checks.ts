/** The doctor's look at the home: rights, room, store, configs, policies, secrets, locks, and what the clock says of its files. */

import { spawnSync } from 'node:child_process';
import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync, statfsSync } from 'node:fs'; // prettier-ignore
import { dirname, join } from 'node:path';

import { asAppError } from '../../../contract/errors.ts';
import { hasCode, statIfThere, writeRefusal } from '../../../kernel/files.ts';
import { lockHolder } from '../../../kernel/lock.ts';
import type { HomePaths } from '../../../config/paths.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import {
  asRoot,
  CHOOSE_HOME,
  editFile,
  makeHome,
  makeRoom,
  makeRoomByHand,
  ownHome,
  remountHome,
  word,
} from './mends.ts';
import { settingMend } from './settings.ts';

const MIB = 1024 * 1024;
const LITTLE_ROOM = 2048 * MIB;
const NO_ROOM = 100 * MIB;
/** Writable by the group, by all. */
const OTHERS_WRITE = 0o022;
const SQLITE_MAGIC = 'SQLite format 3\0';
/** Clocks of file systems are allowed to differ by so much. */
const MOST_SKEW_SECONDS = 60;

/** Whether there is anything to look at below the home, or could be: nothing in its way keeps this user out. */
export function canEnterHome({ paths: { home } }: CliContext): boolean {
  const place = nearestPlace(home);
  return statIfThere(place)?.isDirectory() === true && accessRefusal(place, constants.X_OK) === null;
}

export function checkHome({ paths }: CliContext): Finding[] {
  const { home } = paths;
  const place = nearestPlace(home);
  if (statIfThere(place)?.isDirectory() !== true) {
    return [problem('home', `${place} is a file where a folder should be`, CHOOSE_HOME)];
  }
  const refusal = place === home ? writeRefusal(home) : accessRefusal(place, constants.W_OK | constants.X_OK);
  if (refusal === null) return [checkOwner(paths) ?? checkRights(home), checkRoom(place, home)];
  return [problem('home', `${home} cannot be written: ${asAppError(refusal).message}`, mendOf(refusal, home, place))];
}

function mendOf(refusal: unknown, home: string, place: string): string {
  if (hasCode(refusal, 'ENOSPC')) return makeRoomByHand(home);
  if (hasCode(refusal, 'EROFS')) return remountHome(place);
  if (place === home) return ownHome(home);
  return accessRefusal(place, constants.X_OK) === null ? makeHome(home) : CHOOSE_HOME;
}

/** What a `sudo drover` has left there is nothing that this user can write, or even read. */
function checkOwner({ home, run, logs }: HomePaths): Finding | null {
  const user = process.getuid?.() ?? 0;
  if (user === 0) return null;
  const others = [home, ...filesIn(home), ...filesIn(run), ...filesIn(logs)].find(
    (file) => (statIfThere(file)?.uid ?? user) !== user,
  );
  return others === undefined ? null : problem('home', `${others} belongs to another user`, ownHome(home));
}

/** Whoever can write to the home decides what runs as its owner. */
function checkRights(home: string): Finding {
  const mode = statIfThere(home)?.mode;
  if (mode === undefined) return ok('home', `${home} will be made by the first command`);
  if ((mode & OTHERS_WRITE) === 0) return ok('home', `${home} can be written`);
  return warning('home', `others can write to ${home}, and so run commands as you`, `chmod go-w ${word(home)}`);
}

/** That of another is not written to. */
function accessRefusal(folder: string, wanted: number): unknown {
  try {
    accessSync(folder, wanted);
    return null;
  } catch (error) {
    return error;
  }
}

/** The home, or the nearest of what is above it that is there. */
function nearestPlace(path: string): string {
  const above = dirname(path);
  return existsSync(path) || above === path ? path : nearestPlace(above);
}

function checkRoom(folder: string, home: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < NO_ROOM) return problem('disk', `${bytes(free)} are free at ${folder}`, makeRoom(home));
  if (free < LITTLE_ROOM) return warning('disk', `${bytes(free)} are free at ${folder}`, makeRoom(home));
  return ok('disk', `${bytes(free)} are free at ${folder}`);
}

/** By its first bytes alone: a large one is not read through, and one that is in use is not disturbed. */
export function checkStore({ paths: { database, home } }: CliContext): Finding[] {
  const start = startOf(database, SQLITE_MAGIC.length);
  if (start === null) return [ok('store', 'no store.db yet')];
  if (start === '' || start === SQLITE_MAGIC) return [ok('store', `${database} is a database`)];
  const away = word(join(home, 'damaged'));
  const mend = `drover daemon stop --all; mkdir -p ${away} && mv ${word(database)}* ${away}`;
  return [problem('store', `${database} is damaged: it does not begin as a database does`, mend)];
}

function startOf(file: string, length: number): string | null {
  if (!existsSync(file)) return null;
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(length);
    return start.toString('latin1', 0, readSync(handle, start, 0, length, 0));
  } finally {
    closeSync(handle);
  }
}

export async function checkConfig(context: CliContext): Promise<Finding[]> {
  const { formatProblem, listInstanceNames, loadInstance, loadSettings } = await import('../../../config/index.ts');
  const { instanceProblems } = await import('../instances/instance-problems.ts');
  const { home } = context.paths;
  const settings = loadSettings({ home, env: context.env });
  const names = listInstanceNames(home);
  const instances = await Promise.all(
    names.map(async (name) => ({ name, problems: await instanceProblems(context, loadInstance(home, name)) })),
  );
  const findings = [
    ...(settings.kind === 'invalid' ? settings.problems : []).map((each) =>
      problem('config', formatProblem(each), settingMend(each)),
    ),
    ...instances.flatMap(({ name, problems }) =>
      problems.map((each) =>
        (each.severity === 'error' ? problem : warning)('config', formatProblem(each), `drover edit ${name}`),
      ),
    ),
  ];
  return findings.length > 0 ? findings : [ok('config', `settings and ${names.length} instance configs are valid`)];
}

export async function checkPolicies({ paths: { home } }: CliContext): Promise<Finding[]> {
  const { createPolicies, EXECUTOR_ROLES, policyFile } = await import('../../../agent/permissions/index.ts');
  const policies = createPolicies(home);
  return EXECUTOR_ROLES.map((role) => {
    try {
      const { file, policy } = policies.of(role);
      return ok('policy', `${role}: ${file ?? 'built in'}, ${policy.mode} mode`);
    } catch (error) {
      return problem(
        'policy',
        asAppError(error).message,
        `${editFile(policyFile(home, role))}; drover policy show --role ${role}`,
      );
    }
  });
}

export async function checkSecrets({ paths: { home } }: CliContext): Promise<Finding[]> {
  const { openBits, secretFile } = await import('../../../agent/secrets/secret-file.ts');
  const file = secretFile(home);
  if (!existsSync(file)) return [ok('secrets', 'no secrets.env')];
  if (openBits(file) === 0) return [ok('secrets', 'only you can read secrets.env')];
  return [problem('secrets', `${file} can be read by others, so its secrets are not used`, `chmod 600 ${word(file)}`)];
}

export function checkLocks({ paths }: CliContext): Finding[] {
  const locks = [
    ['controller', paths.controllerLock],
    ['agent', paths.agentLock],
  ] as const;
  return locks.flatMap(([name, file]) => {
    if (!existsSync(file)) return [];
    const holder = lockHolder(file);
    return holder === null
      ? [
          warning(
            'locks',
            `the lock of the ${name} was left by a crash; the next start clears it`,
            'drover daemon start',
          ),
        ]
      : [ok('locks', `the ${name} runs (pid ${holder.pid})`)];
  });
}

/** Files of the home that were written in the future say that the clock went back, or was ahead. */
export function checkClock({ paths: { home, logs, run }, clock, env }: CliContext): Finding[] {
  const latest = [home, logs, run]
    .flatMap(filesIn)
    .map((file) => ({ file, at: statIfThere(file)?.mtimeMs ?? 0 }))
    .reduce((one, other) => (other.at > one.at ? other : one), { file: home, at: 0 });
  const seconds = Math.round((latest.at - clock.now()) / 1_000);
  if (seconds <= MOST_SKEW_SECONDS) return [ok('clock', 'the clock is not behind the files of the home')];
  const message = `the clock is ${seconds} s behind ${latest.file}: it is wrong, or was when that was written`;
  const touch = `find ${word(home)} -maxdepth 2 -newermt now -exec touch {} +`;
  return [problem('clock', message, isClockUnkept(env['PATH']) ? asRoot('timedatectl set-ntp true') : touch)];
}

/** No time server sets it, though one could: then it is the clock that is wrong. */
function isClockUnkept(path = ''): boolean {
  const env = { ...process.env, PATH: path };
  const asked = spawnSync('timedatectl', ['show', '--property=NTP', '--value'], { encoding: 'utf8', env });
  return asked.status === 0 && asked.stdout.trim() === 'no';
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}
