/** The exit codes of the `drover` command. One table; `docs/errors.md` repeats it. Free of zod: the CLI loads it. */

export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  invalidFile: 4,
  conflict: 5,
  unreachable: 6,
  timeout: 7,
  engineFailed: 8,
  refused: 9,
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Of a number from elsewhere; what is none of ours is a failure. */
export function knownExit(code: number): ExitCode {
  return Object.values(EXIT).find((known) => known === code) ?? EXIT.failed;
}
