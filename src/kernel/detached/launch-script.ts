/** The small shell around a detached program: starts it in a group of its own and writes down how it ended. Text only. */

/** `$0` of the shell, by which it is told apart from the program it watches. */
export const LAUNCHER_NAME = 'drover-launch';

/**
 * The shell's own stderr (2) is the record, 3 is the program's stderr; "$@" is the program. Only builtins.
 * - Job control (`set -m`) gives the program its own group and leaves SIGINT alone; a signal to that group spares the
 *   shell, so that even SIGKILL is recorded. It goes off again before `wait`, which would otherwise end at SIGSTOP.
 * - `$?` is 143 for SIGTERM and for `exit 143` alike: what `jobs` says in the CHLD trap tells them apart.
 * - The child writes its own stat line before it becomes the program, so that pid and start time are known for certain.
 */
export const LAUNCH_SCRIPT = `set -m
trap 'LC_ALL=C; jobs %1 >&2' CHLD
{ read -r stat </proc/self/stat && printf 'stat %s\\n' "$stat" >&2; exec "$@" 2>&3 3>&-; } &
set +m
trap '' HUP INT TERM
LC_ALL=C
printf 'pid %s\\n' $! >&2
wait $!
printf 'ended %s\\n' $? >&2
`;

const SHELLS = ['/bin/bash', '/usr/bin/bash', '/usr/local/bin/bash', '/opt/homebrew/bin/bash'] as const;

/** The first bash that `exists`, or plain `bash` for the search path. */
export function chooseBash(exists: (path: string) => boolean): string {
  return SHELLS.find(exists) ?? 'bash';
}
