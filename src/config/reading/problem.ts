/** What is wrong with a configuration, said so that a person can mend it: where, what, and what to do. */

import { AppError } from '../../contract/errors.ts';

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

/** What a caller is told who cannot go on: the first problem as the message, all of them as detail. */
export function invalidConfig(problems: readonly ConfigProblem[], otherwise?: string): AppError {
  const [first] = problems;
  const hint = first?.hint ?? otherwise;
  return new AppError('CONFIG_INVALID', first === undefined ? 'invalid' : problemSentence(first), {
    ...(hint === undefined ? {} : { hint }),
    detail: { problems },
  });
}

/** `FILE: PATH: MESSAGE`, for the message of an error. */
export function problemSentence(problem: ConfigProblem): string {
  return `${placeOf(problem)}: ${problem.message}`;
}

/** `FILE: PATH: MESSAGE` on one line, with the hint on the next. */
export function formatProblem(problem: ConfigProblem): string {
  const head = `${placeOf(problem)}: ${problem.severity === 'warning' ? 'warning: ' : ''}${problem.message}`;
  return problem.hint === null ? head : `${head}\n  hint: ${problem.hint}`;
}

function placeOf({ file, path }: ConfigProblem): string {
  return path === '' ? file : `${file}: ${path}`;
}

/** `server.port`, `args[2]`. */
export function formatPath(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (text, part) => (typeof part === 'number' ? `${text}[${part}]` : `${text}${text === '' ? '' : '.'}${String(part)}`),
    '',
  );
}

/** A value as it was found, in few words. */
export function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
