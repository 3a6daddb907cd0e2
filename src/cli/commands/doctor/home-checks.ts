/** The doctor's look at the home: rights, room, store, configs, policies, secrets, locks, and what the clock says of its files. */

import { accessSync, closeSync, constants, existsSync, openSync, readdirSync, readSync, statfsSync } from 'node:fs'; // prettier-ignore
import { dirname, join } from 'node:path';

import { asAppError } from '../../../contract/errors.ts';
import { hasCode, statIfThere, writeRefusal } from '../../../kernel/files.ts';
import { lockHolder } from '../../../kernel/lock.ts';
import type { CliContext } from '../../context.ts';
import { bytes } from '../../format.ts';
import { ok, problem, warning } from './finding.ts';
import type { Finding } from './finding.ts';
import { settingMend } from './settings-mend.ts';

const MIB = 1024 * 1024;
const LITTLE_ROOM = 2048 * MIB;
const NO_ROOM = 100 * MIB;
const MAKE_ROOM =
  'delete old batches below the history/ folders of plans, or models that are not used: drover models ls';
/** Writable by the group, by all. */
const OTHERS_WRITE = 0o022;
const SQLITE_MAGIC = 'SQLite format 3\0';
/** Clocks of file systems are allowed to differ by so much. */
const SKEW_MS = 60_000;

export function checkHome({ paths: { home } }: CliContext): Finding[] {
  const place = existsSync(home) ? home : nearestFolder(home);
  const refusal = place === home ? writeRefusal(home) : accessRefusal(place);
  if (refusal === null) return [checkRights(home), checkRoom(place)];
  const { message } = asAppError(refusal);
  const mend = hasCode(refusal, 'ENOSPC') ? MAKE_ROOM : `sudo chown -R "$(id -un)" ${place} && chmod 700 ${place}`;
  return [problem('home', `${home} cannot be written: ${message}`, mend)];
}

/** Whoever can write to the home decides what runs as its owner. */
function checkRights(home: string): Finding {
  const mode = statIfThere(home)?.mode;
  if (mode === undefined) return ok('home', `${home} will be made by the first command`);
  if ((mode & OTHERS_WRITE) === 0) return ok('home', `${home} can be written`);
  return warning('home', `others can write to ${home}, and so run commands as you`, `chmod go-w ${home}`);
}

/** That of another is not written to. */
function accessRefusal(folder: string): unknown {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return null;
  } catch (error) {
    return error;
  }
}

function nearestFolder(path: string): string {
  const above = dirname(path);
  return existsSync(above) || above === path ? above : nearestFolder(above);
}

function checkRoom(folder: string): Finding {
  const { bavail, bsize } = statfsSync(folder);
  const free = bavail * bsize;
  if (free < NO_ROOM) return problem('disk', `${bytes(free)} are free at ${folder}`, MAKE_ROOM);
  if (free < LITTLE_ROOM) return warning('disk', `${bytes(free)} are free at ${folder}`, MAKE_ROOM);
  return ok('disk', `${bytes(free)} are free at ${folder}`);
}

/** By its first bytes alone: a large one is not read through, and one that is in use is not disturbed. */
export function checkStore({ paths: { database } }: CliContext): Finding[] {
  const start = startOf(database, SQLITE_MAGIC.length);
  if (start === null) return [ok('store', 'no store.db yet')];
  if (start === '' || start === SQLITE_MAGIC) return [ok('store', `${database} is a database`)];
  const mend = `drover daemon stop --all; put a copy of ${database} back, or move it away to begin anew`;
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
        `edit ${policyFile(home, role)}; drover policy show --role ${role}`,
      );
    }
  });
}

export async function checkSecrets({ paths: { home } }: CliContext): Promise<Finding[]> {
  const { openBits, secretFile } = await import('../../../agent/secrets/secret-file.ts');
  const file = secretFile(home);
  if (!existsSync(file)) return [ok('secrets', 'no secrets.env')];
  if (openBits(file) === 0) return [ok('secrets', 'only you can read secrets.env')];
  return [problem('secrets', `${file} can be read by others, so its secrets are not used`, `chmod 600 ${file}`)];
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

/** Files of the home that were written in the future say that the clock went back. */
export function checkClock({ paths, clock }: CliContext): Finding[] {
  const ahead = Math.max(0, ...writtenAt(paths.home), ...writtenAt(paths.logs), ...writtenAt(paths.run)) - clock.now();
  if (ahead <= SKEW_MS) return [ok('clock', 'the clock is not behind the files of the home')];
  const seconds = Math.round(ahead / 1_000);
  return [
    problem(
      'clock',
      `the clock is ${seconds} s behind files of the home: it has been set back`,
      'timedatectl set-ntp true',
    ),
  ];
}

function writtenAt(folder: string): number[] {
  try {
    return readdirSync(folder).map((name) => statIfThere(join(folder, name))?.mtimeMs ?? 0);
  } catch {
    return [];
  }
}
