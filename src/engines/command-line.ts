/** Command lines and environments as every engine builds them: flags by name, scrubbing, what is shown. Starts nothing. */

import { ENGINE_FLAG_IDS, ENGINE_FLAGS } from '../contract/engine-flags.ts';
import type { EngineFlagId, FlagValue } from '../contract/engine-flags.ts';
import type { EngineCommand, EngineFlags } from './engine.ts';

/** What each flag is to say; null leaves it out. 0 and false are values. */
export type FlagValues = Readonly<Partial<Record<EngineFlagId, FlagValue | null>>>;

/** In the order of the table. A spelling that the program does not know gives way to one that it knows. */
export function writeFlags(values: FlagValues, known: EngineFlags | null): string[] {
  return ENGINE_FLAG_IDS.flatMap((id) => {
    const value = values[id] ?? null;
    const name = value === null ? null : spelling(id, known);
    if (value === null || name === null) return [];
    return value === true ? [name] : [name, String(value)];
  });
}

function spelling(id: EngineFlagId, known: EngineFlags | null): string | null {
  const { names, ifKnown } = ENGINE_FLAGS[id];
  const name = names.find((each) => known?.has(each) === true);
  return name ?? (ifKnown ? null : names[0]);
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
