/** Takes the host out of the arguments before any command sees them: `-H/--host`, and `drover pool HOST`. Pure. */

import { AppError } from '../contract/errors.ts';

export interface HostFlag {
  readonly host: string | null;
  /** A word that is neither address nor context is a host for ssh. */
  readonly bare: 'refused' | 'ssh';
  readonly rest: readonly string[];
}

/** The last `-H` wins; behind `--` nothing is a flag, and behind `worker run` each is the worker's own. */
export function takeHostFlag(argv: readonly string[]): HostFlag {
  const rest: string[] = [];
  let host: string | null = null;
  for (let at = 0; at < argv.length; at++) {
    const argument = argv[at] ?? '';
    if (argument === '--' || ownFlagsFollow(rest)) {
      rest.push(...argv.slice(at));
      break;
    }
    if (argument === '-H' || argument === '--host') {
      host = valueOf(argument, argv[++at]);
    } else if (argument.startsWith('--host=')) {
      host = valueOf('--host', argument.slice('--host='.length));
    } else rest.push(argument);
  }
  return takePool(rest) ?? { host, bare: 'refused', rest };
}

function ownFlagsFollow(rest: readonly string[]): boolean {
  const [first, second, ...more] = rest[0] === 'pool' ? rest.slice(2) : rest;
  return first === 'worker' && second === 'run' && more.length === 0;
}

function valueOf(flag: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw new AppError('INVALID_REQUEST', `${flag} needs an address`, { hint: 'write http://HOST:PORT or ssh://HOST' });
}

/** What `pool HOST VERB` is called without a pool; every other verb is the command of that name. */
const POOL_VERBS: Readonly<Record<string, readonly string[]>> = { git: ['checkout'], update: ['checkout', 'update'] };

/** `pool HOST VERB …` is `-H HOST VERB …`. Null for everything else, the help of `pool` included. */
function takePool(argv: readonly string[]): HostFlag | null {
  const [command, host, verb, ...rest] = argv;
  if (command !== 'pool' || host === undefined || host.startsWith('-') || verb === undefined) return null;
  return { host, bare: 'ssh', rest: [...(POOL_VERBS[verb] ?? [verb]), ...rest] };
}
