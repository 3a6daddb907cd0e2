/** Command lines and environments as every engine builds them: flag tables, quoting, scrubbing. Pure; starts nothing. */

import type { EngineCommand } from './engine.ts';

/** One row of a flag table: how one setting is written. A null value leaves the flag out; 0 and false are values. */
export interface FlagRow<Source> {
  readonly flag: string;
  /** A value, or `true` for a flag that takes none. */
  readonly value: (source: Source) => string | number | true | null;
  /** Leave the flag out unless the program's `--help` names it. */
  readonly ifKnown?: boolean;
}

export function writeFlags<Source>(
  table: readonly FlagRow<Source>[],
  source: Source,
  known: ReadonlySet<string> | null,
): string[] {
  return table.flatMap((row) => {
    if (row.ifKnown === true && known?.has(row.flag) !== true) return [];
    const value = row.value(source);
    if (value === null) return [];
    return value === true ? [row.flag] : [row.flag, String(value)];
  });
}

/** Variables of the caller that must not leak into an engine: `LLAMA_ARG_*` are flags, keys are ours to give. */
function leaks(name: string): boolean {
  return name.startsWith('LLAMA_ARG_') || name === 'LLAMA_API_KEY' || name === 'DROVER_ENGINE_KEY';
}

/** The inherited environment without what would leak, then each layer over the one before; null removes. */
export function layerEnvironment(
  inherited: Readonly<Record<string, string | undefined>>,
  ...layers: readonly Readonly<Record<string, string | null>>[]
): Record<string, string> {
  const kept = Object.entries(inherited).filter(([name, value]) => value !== undefined && !leaks(name));
  const merged: Record<string, string | null | undefined> = Object.assign({}, Object.fromEntries(kept), ...layers);
  return Object.fromEntries(
    Object.entries(merged).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** What a command is made of. */
interface CommandParts {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Variables worth showing before the program. */
  readonly shown: Readonly<Record<string, string>>;
  /** Shown nowhere. */
  readonly key: string | null;
}

export function composeCommand({ file, args, env, shown, key }: CommandParts): EngineCommand {
  const words = [...Object.entries(shown).map(([name, value]) => `${name}=${value}`), file, ...args];
  return { file, args, env, shown: key === null ? words : words.map((word) => word.replaceAll(key, '{key}')) };
}
