/** What is wrong with a configuration, said so that a person can mend it: where, what, and what to do. */

export interface ConfigProblem {
  /** The file, or `environment` or `command line`. */
  readonly file: string;
  /** Path within the file such as `server.port` or `args[2]`, a variable, or a flag; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
  readonly hint: string | null;
  /** A warning spoils nothing: the config is used all the same. */
  readonly severity: 'error' | 'warning';
}

/** `FILE: PATH: MESSAGE` on one line, with the hint on the next. */
export function formatProblem(problem: ConfigProblem): string {
  const place = problem.path === '' ? problem.file : `${problem.file}: ${problem.path}`;
  const head = `${place}: ${problem.severity === 'warning' ? 'warning: ' : ''}${problem.message}`;
  return problem.hint === null ? head : `${head}\n  hint: ${problem.hint}`;
}
