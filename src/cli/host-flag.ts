/** Takes `-H/--host` out of the arguments before any command sees them. Pure. */

import { AppError } from '../contract/errors.ts';

export interface HostFlag {
  readonly host: string | null;
  readonly rest: readonly string[];
}

/** The last one wins; behind `--` nothing is a flag. */
export function takeHostFlag(argv: readonly string[]): HostFlag {
  const rest: string[] = [];
  let host: string | null = null;
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (argument === '--') return { host, rest: [...rest, ...argv.slice(at)] };
    if (argument === '-H' || argument === '--host') {
      host = valueOf(argument, argv[++at]);
    } else if (argument.startsWith('--host=')) {
      host = valueOf('--host', argument.slice('--host='.length));
    } else rest.push(argument);
  }
  return { host, rest };
}

function valueOf(flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AppError('INVALID_REQUEST', `${flag} needs an address`, { hint: 'write http://HOST:PORT' });
}
