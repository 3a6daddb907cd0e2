/**
 * The watcher: a small shell that stands ready, starts one program at a time in a group of its own, and writes down
 * how it ended. Text only.
 */

import type { LaunchSpec } from './programs.ts';

/** `$0` of a watcher, by which it is told apart from the programs it watches. */
export const WATCHER_NAME = 'drover-launch';

/**
 * Reads an id per line, finds what to do in `launch/ID` under the folder of records ($1), and stays with that program
 * until its end; $2 is the boot id. While a program runs, stderr (2) is the record, and in the child 3 is the program's
 * stderr; "$@" is the program. Only builtins, and one fork per launch.
 * - Job control (`set -m`) gives the program its own group and leaves SIGINT alone; a signal to that group spares the
 *   watcher, so that even SIGKILL is recorded. It goes off again before `wait`, which would otherwise end at SIGSTOP.
 * - `$?` is 143 for SIGTERM and for `exit 143` alike: what `jobs` says in the CHLD trap tells them apart.
 * - The child writes its own stat line before it becomes the program, so that pid and start time are known for certain.
 * - The record is made exclusively (`set -C`): an id that is asked for twice is launched once.
 * - At the end of stdin (its starter has gone) it goes too, after the end of what it watches.
 */
export const WATCHER_SCRIPT = `records=$1 boot=$2
start_program() {
  trap - HUP INT TERM
  cd -- "$cwd" && unset OLDPWD || return
  read -r stat </proc/self/stat && printf 'boot %s\nstat %s\n' "$boot" "$stat" >&2
  environment
  exec "$@" 2>&3 3>&-
}
watch_program() {
  set -m
  { start_program "$@" >>"$out" 3>>"$err" || printf 'failed\\n' >&2; } &
  set +m
  [ -r /proc/self/stat ] || printf 'pid %s\\n' $! >&2
  wait $!
  printf 'ended %s\\n' $? >&2
}
trap '' HUP INT TERM
trap 'jobs %1 >&2' CHLD
while read -r id; do
  set -C
  { set +C; . "$records/launch/$id" && watch_program "$@" || printf 'failed\\n' >&2; } </dev/null 2>"$records/$id"
done
`;

/** What a watcher reads: folder, files, the environment as a function, and the program as arguments. */
export function launchFile({ file, args, env, cwd, stdoutPath, stderrPath }: LaunchSpec): string {
  const names = Object.keys(env);
  const assign = (name: string): string => `${name}=${quote(env[name] ?? '')}`;
  const strange = names.filter((name) => !isExportable(name));
  // A name that bash cannot export is set by env on the way to the program.
  const prefix = strange.length === 0 ? [] : ['/usr/bin/env', ...strange.map((name) => `${name}=${env[name]}`)];
  return [
    `cwd=${quote(cwd)} out=${quote(stdoutPath)} err=${quote(stderrPath)}`,
    `environment() {`,
    ...names.filter(isExportable).map((name) => `export ${assign(name)}`),
    ':; }',
    `set -- ${[...prefix, file, ...args].map(quote).join(' ')}`,
    '',
  ].join('\n');
}

const BASH_OWN = /^(?:BASH.*|SHELLOPTS|E?UID|PPID|GROUPS|DIRSTACK|FUNCNAME|IFS)$/;

function isExportable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !BASH_OWN.test(name);
}

function quote(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'] as const;

/** The first bash that `exists`, or plain `bash` for the search path. */
export function chooseBash(exists: (path: string) => boolean): string {
  return SHELLS.find(exists) ?? 'bash';
}
