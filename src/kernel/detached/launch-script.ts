/**
 * The watcher: a small shell that stands ready, starts one program at a time in a group of its own, and writes down
 * how it ended. Text only.
 */

import type { LaunchSpec, Redirection } from './launch-spec.ts';

/** `$0` of a watcher, by which it is told apart from the programs it watches. */
export const WATCHER_NAME = 'drover-launch';

/**
 * Reads what to do from stdin, and stays with that program until its end; $1 is the boot id, $2 the folder of
 * records. While a program runs, stdout and stderr are its record, and in the child 3 is the program's stderr; "$@" is the program. Only builtins, and
 * one fork per launch.
 * - `read -N` takes a pipe in whole pieces; by lines it would read byte by byte.
 * - The watcher's own LC_ALL, which is not exported, keeps it from loading the locale of each program.
 * - Job control (`set -m`) gives the program its own group and leaves SIGINT alone; a signal to that group spares the
 *   watcher, so that even SIGKILL is recorded. It goes off again before `wait`, which would otherwise end at SIGSTOP.
 * - A program that somebody stops before `set +m` counts as stopped for bash, and `wait` ends at once with the number of
 *   the signal: only a `kill -CONT` of its own makes it wait for the end, so it lets the program go on and stops it again.
 * - `$?` is 143 for SIGTERM and for `exit 143` alike: what `jobs` says in the CHLD trap tells them apart.
 * - The record names the launch before anything runs. The child writes its own stat line before it becomes the program,
 *   so that pid and start time are known for certain.
 * - At the end of stdin (its starter has gone) it goes too, after the end of what it watches.
 * - Between two launches it has nothing to say: whatever it prints then means that something is wrong with it.
 */
export const WATCHER_SCRIPT = `boot=$1 records=$2 LC_ALL=C
[ -r /proc/self/stat ] || no_proc=1
become() { exec "$@" 2>&3 3>&-; }
perform() { "$@" 2>&3 3>&-; exit; }
start_program() {
  trap - HUP INT TERM
  cd -- "$cwd" && unset OLDPWD || return
  read -r stat </proc/self/stat && printf 'stat %s\\n' "$stat" >&2
  environment
  "$how" "$@"
}
await_stopped() {
  while kill -0 $! 2>/dev/null; do
    kill -CONT -- -$! && kill -STOP -- -$!
    wait $!
    status=$?
  done
}
watch_program() {
  printf 'launch %s %s\\n' "$id" "$boot"
  set -m
  { start_program "$@" >>"$out" 3>>"$err" || printf 'failed\\n' >&2; } &
  set +m
  [ "$no_proc" ] && printf 'pid %s\\n' $!
  wait $!
  status=$?
  case $status in 14[5-9] | 150) await_stopped ;; esac
  printf 'ended %s\\n' $status
}
trap '' HUP INT TERM
trap 'jobs %1' CHLD
while read -r -N 8 size && read -r -N "$size" text; do
  eval "$text"
  watch_program "$@" </dev/null >>"$records/$record" 2>&1
done
`;

/**
 * What a watcher reads: the size of the text, and the text, which says where to write the record, and gives folder,
 * files, the environment as a function, and the program as arguments.
 */
export function launchRequest(spec: LaunchSpec, record: string): string {
  const { id, file, args, env, cwd, stdoutPath, stderrPath } = spec;
  const names = Object.keys(env);
  const assign = (name: string): string => `${name}=${quote(env[name] ?? '')}`;
  const strange = names.filter((name) => !isExportable(name));
  // A name that bash cannot export is set by env on the way to the program.
  const prefix = strange.length === 0 ? [] : ['/usr/bin/env', ...strange.map((name) => `${name}=${env[name]}`)];
  const builtin = spec.builtin === true && strange.length === 0;
  const text = [
    `id=${quote(id)} record=${quote(record)} cwd=${quote(cwd)} out=${quote(stdoutPath)} err=${quote(stderrPath)}`,
    howToRun(builtin, spec.redirections ?? []),
    `environment() {`,
    ...names.filter(isExportable).map((name) => `export ${assign(name)}`),
    ':; }',
    `set -- ${[...prefix, file, ...args].map(quote).join(' ')}`,
    '',
  ].join('\n');
  return `${String(Buffer.byteLength(text)).padStart(8, '0')}${text}`;
}

/** With redirections of its own bash leaves the program alone that it could not open them for: then it is an exit. */
function howToRun(builtin: boolean, redirections: readonly Redirection[]): string {
  if (redirections.length === 0) return `how=${builtin ? 'perform' : 'become'}`;
  const words = redirections.map(({ operator, target }) => `${operator}${quote(target)}`).join(' ');
  return `redirect() { ${builtin ? '' : 'exec '}"$@" 2>&3 3>&- ${words}; exit; }\nhow=redirect`;
}

const BASH_OWN = /^(?:BASH.*|SHELLOPTS|E?UID|PPID|GROUPS|DIRSTACK|FUNCNAME|IFS)$/;

function isExportable(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !BASH_OWN.test(name);
}

function quote(text: string): string {
  return text.includes("'") ? `'${text.replaceAll("'", String.raw`'\''`)}'` : `'${text}'`;
}

const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'] as const;

/** The first bash that `exists`, or plain `bash` for the search path. */
export function chooseBash(exists: (path: string) => boolean): string {
  return SHELLS.find(exists) ?? 'bash';
}
