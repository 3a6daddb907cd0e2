/** Raw arguments of a config against the flags that the program's `--help` names. Pure. */

import type { InstanceConfig } from '../../contract/instance-config.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { error } from './instance-problem.ts';
import type { InstanceProblem } from './instance-problem.ts';

/** By each spelling of a flag, whether a value follows it. */
export type KnownFlags = ReadonlyMap<string, { readonly takesValue: boolean }>;

export function flagProblems(file: string, config: InstanceConfig, known: KnownFlags): InstanceProblem[] {
  const lists = [
    { path: 'engine.args', args: config.engine.args },
    { path: 'args', args: config.args },
  ];
  return lists.flatMap(({ path, args }) =>
    unknownFlags(args, known).map(({ at, flag }) =>
      error({ file, path: `${path}[${at}]` }, 'CONFIG_INVALID', messageOf(flag, known), hintOf(flag, known)),
    ),
  );
}

function unknownFlags(args: readonly string[], known: KnownFlags): { at: number; flag: string }[] {
  return args.flatMap((arg, at) => {
    const isValue = known.get(args[at - 1] ?? '')?.takesValue === true;
    const isFlag = /^--?[A-Za-z]/.test(arg) && !isValue;
    return isFlag && !known.has(spelt(arg)) ? [{ at, flag: arg }] : [];
  });
}

/** llama.cpp reads underscores in long flags as dashes. */
function spelt(flag: string): string {
  return flag.startsWith('--') ? flag.replaceAll('_', '-') : flag;
}

function messageOf(flag: string, known: KnownFlags): string {
  const joined = nameBefore(flag);
  return joined !== null && known.has(spelt(joined))
    ? `"${flag}": the engine wants a flag and its value as two words`
    : `the engine knows no flag "${joined ?? flag}"`;
}

function hintOf(flag: string, known: KnownFlags): string {
  const joined = nameBefore(flag);
  if (joined !== null && known.has(spelt(joined))) return `write "${joined}", "${flag.slice(joined.length + 1)}"`;
  return didYouMean(spelt(joined ?? flag), [...known.keys()]) ?? 'run "drover engine info llama-server" for its flags';
}

/** What stands before a `=`. */
function nameBefore(flag: string): string | null {
  const at = flag.indexOf('=');
  return at < 0 ? null : flag.slice(0, at);
}
