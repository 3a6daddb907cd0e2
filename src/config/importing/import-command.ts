/**
 * A llama-server command line as somebody typed it, made into an instance config. Flags and `LLAMA_ARG_*` variables that
 * have a field of their own become that field; all others are kept in `args` and `env`, where they win. Pure.
 */

import { ENGINE_FLAG_IDS, ENGINE_FLAGS } from '../../contract/engine-flags.ts';
import type { EngineFlagId, FlagReadings } from '../../contract/engine-flags.ts';
import { AppError } from '../../contract/errors.ts';
import { ConfigSections } from './imported.ts';
import type { Imported } from './imported.ts';
import { splitShellWords } from './shell-words.ts';

/** What was read off so far. */
interface Draft {
  /** Null: the one on PATH. */
  program: string | null;
  /** What the flags say; a flag wins over its variable. */
  readonly readings: FlagReadings;
  readonly env: Record<string, string>;
  readonly args: string[];
  readonly notes: string[];
}

const BY_NAME = new Map<string, EngineFlagId>(
  ENGINE_FLAG_IDS.flatMap((id) => ENGINE_FLAGS[id].names.map((name) => [name, id] as const)),
);
const BY_VARIABLE = new Map<string, EngineFlagId>(
  ENGINE_FLAG_IDS.flatMap((id) => (ENGINE_FLAGS[id].env === null ? [] : [[ENGINE_FLAGS[id].env, id] as const])),
);

/** Without a value of their own. */
const SWITCHES: ReadonlySet<EngineFlagId> = new Set(['metrics', 'slots', 'noUi']);

/** Whole models from elsewhere: an instance runs a file. */
const REMOTE_MODEL = new Set(['-hf', '-hfr', '--hf-repo', '-mu', '--model-url', '-dr', '--docker-repo']);
const REMOTE_MODEL_VARIABLE = /^LLAMA_ARG_(?:HF_REPO|MODEL_URL|DOCKER_REPO)$/;

/** What people put before a program. */
const PREFIXES = new Set(['env', 'exec', 'nohup', 'time']);

/** Throws INVALID_REQUEST for what cannot be read. */
export function importCommand(line: string): Imported {
  const split = splitShellWords(line);
  if (split.kind === 'problem') throw unreadable(`the command line ${split.problem}`);
  const draft: Draft = { program: null, readings: {}, env: {}, args: [], notes: [] };
  readFlags(readProgram(split.words, draft), draft);
  return finish(draft);
}

/** Takes prefixes, `NAME=value …` and the program off; answers the flags. */
function readProgram(words: readonly string[], draft: Draft): readonly string[] {
  let at = 0;
  for (let word = words[at]; word !== undefined; word = words[++at]) {
    const variable = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word);
    if (variable) readVariable(variable[1] ?? '', variable[2] ?? '', draft);
    else if (!PREFIXES.has(word)) break;
  }
  const program = words[at];
  if (program === undefined) throw unreadable('the command line names no program');
  if (program.startsWith('-')) throw unreadable(`the command line begins with the flag ${program}, not with a program`);
  if (!/(?:^|[\\/])(?:llama-)?server(?:\.exe)?$/.test(program)) {
    throw unreadable(`"${program}" is no llama-server`, 'only llama-server command lines can be imported');
  }
  if (/[\\/]/.test(program)) draft.program = program;
  return words.slice(at + 1);
}

function readVariable(name: string, value: string, draft: Draft): void {
  if (REMOTE_MODEL_VARIABLE.test(name)) throw noFile(name);
  const id = BY_VARIABLE.get(name);
  if (id === undefined) draft.env[name] = value;
  else if (!take(id, name, value, draft)) draft.env[name] = value;
}

function readFlags(words: readonly string[], draft: Draft): void {
  for (let at = 0; at < words.length; at++) {
    const { flag, inline } = parts(words[at] ?? '');
    const id = BY_NAME.get(flag);
    if (REMOTE_MODEL.has(flag)) throw noFile(flag);
    if (id === undefined) draft.args.push(flag, ...(inline === null ? [] : [inline]));
    else if (SWITCHES.has(id)) take(id, flag, '', draft);
    else {
      const value = inline ?? valueAfter(flag, words[++at]);
      if (!take(id, flag, value, draft)) draft.args.push(flag, value);
    }
  }
}

/** `--flag=value` in two; a short flag and what follows a flag may hold any `=` they like. */
function parts(word: string): { readonly flag: string; readonly inline: string | null } {
  const match = /^(--[A-Za-z][\w.-]*|-[A-Za-z]+)=([\s\S]*)$/.exec(word);
  const flag = match?.[1] ?? word;
  return match === null ? { flag, inline: null } : { flag, inline: match[2] ?? '' };
}

function valueAfter(flag: string, next: string | undefined): string {
  if (next !== undefined && !/^--?[a-z]/i.test(next)) return next;
  throw unreadable(`${flag} has no value`);
}

/** Remembers what the flag says. False: what it says has no field, and must be kept as it stands. */
function take(id: EngineFlagId, name: string, text: string, { readings, notes }: Draft): boolean {
  if (id === 'split' && !['none', 'layer', 'row'].includes(text)) return false;
  if (id === 'fit' && text !== 'off') return false;
  const reading = ENGINE_FLAGS[id].read(text);
  if ('problem' in reading) throw unreadable(`${name} ${reading.problem}`);
  if (ENGINE_FLAGS[id].field === null) notes.push(`${name} is left out: it is always given`);
  Object.assign(readings, { [id]: reading.value });
  return true;
}

function finish({ program, readings, env, args, notes }: Draft): Imported {
  if (readings.model === undefined) throw unreadable('the command line names no model', 'add -m FILE');
  const sections = new ConfigSections();
  sections.place('engine.kind', 'llama-server');
  sections.place('engine.path', program ?? undefined);
  for (const [field, value] of fieldsOf(readings)) sections.place(field, value);
  if (Object.keys(env).length > 0) sections.place('env', env);
  if (args.length > 0) sections.place('args', args);
  const share = readings.contextSize === undefined ? 0 : contextShare(readings.contextSize, slotsOf(readings));
  if (share > 0 && slotsOf(readings) > 1) {
    notes.push(`context_size is the share of each of the ${slotsOf(readings)} slots: ${share}`);
  }
  if (args.length > 0) notes.push(`kept in "args": ${args.join(' ')}`);
  return { config: sections.config(), notes };
}

/** What was read, as the fields of a config hold it; undefined leaves a field to its default. */
function fieldsOf(readings: FlagReadings): (readonly [field: string, value: unknown])[] {
  return ENGINE_FLAG_IDS.flatMap((id) => {
    const { field } = ENGINE_FLAGS[id];
    return field === null ? [] : [fieldOf(id, field, readings)];
  });
}

function fieldOf(id: EngineFlagId, field: string, readings: FlagReadings): readonly [field: string, value: unknown] {
  switch (id) {
    case 'alias':
      return ['model.alias', readings.alias];
    case 'contextSize':
      return [field, contextShare(readings.contextSize ?? 0, slotsOf(readings)) || undefined];
    case 'parallel':
      return [field, readings.parallel === 'auto' ? undefined : readings.parallel];
    case 'device':
      return readings.device?.[0] === 'none' ? ['gpu.backend', 'cpu'] : [field, readings.device];
    default:
      return [field, readings[id]];
  }
}

/** llama-server divides its context among the slots; a config names one slot's share. */
function contextShare(total: number, slots: number): number {
  return Math.floor(total / slots);
}

function slotsOf({ parallel }: FlagReadings): number {
  return typeof parallel === 'number' ? parallel : 1;
}

function noFile(name: string): AppError {
  return unreadable(`${name} names a model that is not a file`, 'download it, and give -m FILE');
}

function unreadable(message: string, hint = 'give the command line as you would type it, in quotes'): AppError {
  return new AppError('INVALID_REQUEST', message, { hint });
}
