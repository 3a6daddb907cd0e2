/** What is started, with what, and where its output goes. */

/** As bash means it, in the folder of the launch; `2>&` names a file by its number. */
export interface Redirection {
  readonly operator: '>' | '>>' | '1>' | '1>>' | '2>' | '2>>' | '2>&';
  readonly target: string;
}

export interface LaunchSpec {
  /** Names the launch, without blanks. A record of an earlier launch with this id is replaced. */
  readonly id: string;
  readonly file: string;
  readonly args: readonly string[];
  /** The whole environment; put the marker in it. Bash adds PWD, SHLVL and `_`. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** Opened for appending, made when missing. */
  readonly stdoutPath: string;
  readonly stderrPath: string;
  /** `file` is a builtin of bash that reads and changes nothing of the shell: no program is needed for it. */
  readonly builtin?: boolean;
  /** In the place of the files for its output, one after the other; where one cannot be opened it is exit 1. */
  readonly redirections?: readonly Redirection[];
  /** It gets a shell of its own as its watcher, which goes with it. */
  readonly fresh?: boolean;
}
