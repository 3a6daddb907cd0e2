/**
 * A llama-server command line as somebody typed it, made into an instance config. Flags that have a field of their own
 * become that field; all others are kept word by word in `args`, where they come last and win. Pure.
 */

import { AppError } from '../contract/errors.ts';
import type { InstanceConfigInput } from '../contract/instances.ts';
import { splitShellWords } from './shell-words.ts';

export interface Imported {
  /** Without `name` and `$schema`. */
  readonly config: Omit<InstanceConfigInput, 'name' | '$schema'>;
  /** What was left out or kept as it is, for the person. */
  readonly notes: readonly string[];
}

/** The parts of a config while flags fill them in. */
interface Draft {
  engine: { kind: 'llama-server'; path?: string };
  model: { path?: string; context_size?: number; batch_size?: number; threads?: number | 'auto'; alias?: string[] };
  server: { host?: string; port?: number; parallel?: number; timeout?: number; key?: string };
  gpu: { backend?: 'cpu'; devices?: string[]; layers?: number | 'auto' | 'all'; split?: 'none' | 'layer' | 'row' };
  env: Record<string, string>;
  args: string[];
  notes: string[];
  /** Of all slots together, as llama-server counts; divided at the end. */
  totalContext?: number;
}

interface FlagRow {
  /** Every spelling. */
  readonly names: readonly string[];
  /** Fills in the draft, or throws `unreadable`. */
  readonly apply: (draft: Draft, value: string, flag: string) => void;
}

const ROWS: readonly FlagRow[] = [
  { names: ['-m', '--model'], apply: (draft, value) => void (draft.model.path = value) },
  {
    names: ['-c', '--ctx-size'],
    apply: (draft, value, flag) => {
      const size = whole(flag, value);
      if (size > 0) draft.totalContext = size;
    },
  },
  { names: ['-b', '--batch-size'], apply: (d, value, flag) => void (d.model.batch_size = whole(flag, value)) },
  {
    names: ['-t', '--threads'],
    apply: (draft, value, flag) => {
      const threads = value === '-1' ? 0 : whole(flag, value);
      draft.model.threads = threads === 0 ? 'auto' : threads;
    },
  },
  {
    names: ['-a', '--alias'],
    apply: (draft, value) => void (draft.model.alias = value.split(',').filter((alias) => alias !== '')),
  },
  { names: ['--host'], apply: (draft, value) => void (draft.server.host = value) },
  { names: ['--port'], apply: (draft, value, flag) => void (draft.server.port = whole(flag, value)) },
  {
    names: ['-np', '--parallel'],
    apply: (draft, value, flag) => {
      if (value !== '-1') draft.server.parallel = whole(flag, value);
    },
  },
  { names: ['-to', '--timeout'], apply: (draft, value, flag) => void (draft.server.timeout = whole(flag, value)) },
  { names: ['--api-key'], apply: (draft, value) => void (draft.server.key = value) },
  {
    names: ['-ngl', '--gpu-layers', '--n-gpu-layers'],
    apply: (draft, value, flag) => {
      draft.gpu.layers = value === 'auto' || value === 'all' ? value : layers(whole(flag, value));
    },
  },
  {
    names: ['-sm', '--split-mode'],
    apply: (draft, value, flag) => {
      if (value === 'none' || value === 'layer' || value === 'row') draft.gpu.split = value;
      else draft.args.push(flag, value);
    },
  },
  {
    names: ['-dev', '--device'],
    apply: (draft, value) => {
      if (value === 'none') draft.gpu.backend = 'cpu';
      else draft.gpu.devices = value.split(',').filter((device) => device !== '');
    },
  },
];

const BY_NAME = new Map(ROWS.flatMap((row) => row.names.map((name) => [name, row] as const)));

/** Written by Drover itself at each start, as the file says: keeping them twice would only confuse. */
const OURS = new Set(['--metrics', '--slots']);

/** Whole models from elsewhere: an instance runs a file. */
const REMOTE_MODEL = new Set(['-hf', '-hfr', '--hf-repo', '-mu', '--model-url', '-dr', '--docker-repo']);

/** Throws INVALID_REQUEST for what cannot be read. */
export function importCommand(line: string): Imported {
  const split = splitShellWords(line);
  if (split.kind === 'problem') throw unreadable(`the command line ${split.problem}`);
  const draft: Draft = {
    engine: { kind: 'llama-server' },
    model: {},
    server: {},
    gpu: {},
    env: {},
    args: [],
    notes: [],
  };
  readFlags(readProgram(split.words, draft), draft);
  return finish(draft);
}

/** Takes `env`, `NAME=value …` and the program off; answers the flags. */
function readProgram(words: readonly string[], draft: Draft): readonly string[] {
  let at = words[0] === 'env' || words[0] === 'exec' || words[0] === 'nohup' ? 1 : 0;
  for (let word = words[at]; word !== undefined; word = words[++at]) {
    const variable = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word);
    if (!variable) break;
    draft.env[variable[1] ?? ''] = variable[2] ?? '';
  }
  const program = words[at];
  if (program === undefined) throw unreadable('the command line names no program');
  if (program.startsWith('-')) throw unreadable(`the command line begins with the flag ${program}, not with a program`);
  if (!/(?:^|[\\/])(?:llama-)?server(?:\.exe)?$/.test(program)) {
    throw unreadable(`"${program}" is no llama-server`, 'only llama-server command lines can be imported');
  }
  if (/[\\/]/.test(program)) draft.engine.path = program;
  return words.slice(at + 1);
}

function readFlags(words: readonly string[], draft: Draft): void {
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const { flag, inline } = parts(word);
    const row = BY_NAME.get(flag);
    if (REMOTE_MODEL.has(flag))
      throw unreadable(`${flag} names a model that is not a file`, 'download it, and give -m FILE');
    if (OURS.has(flag)) draft.notes.push(`${flag} is left out: it is always given`);
    else if (row === undefined) draft.args.push(word);
    else {
      const value = inline ?? words[++at];
      if (value === undefined || (inline === null && /^--?[a-z]/i.test(value)))
        throw unreadable(`${flag} has no value`);
      row.apply(draft, value, flag);
    }
  }
}

/** `--flag=value` in two, where the flag is one of ours; other words may hold any `=` they like. */
function parts(word: string): { readonly flag: string; readonly inline: string | null } {
  const at = word.indexOf('=');
  const flag = at < 0 ? word : word.slice(0, at);
  const known = BY_NAME.has(flag) || REMOTE_MODEL.has(flag);
  return word.startsWith('-') && at > 0 && known ? { flag, inline: word.slice(at + 1) } : { flag: word, inline: null };
}

function finish(draft: Draft): Imported {
  const { engine, model, server, gpu, env, args, notes, totalContext } = draft;
  if (model.path === undefined) throw unreadable('the command line names no model', 'add -m FILE');
  if (totalContext !== undefined) {
    const slots = server.parallel ?? 1;
    model.context_size = Math.floor(totalContext / slots);
    if (slots > 1) notes.push(`context_size is the share of each of the ${slots} slots: ${model.context_size}`);
  }
  if (args.length > 0) notes.push(`kept in "args": ${args.join(' ')}`);
  return { config: { engine, model, ...withoutEmpty({ server, gpu, env, args }) }, notes };
}

function withoutEmpty<T extends Record<string, object>>(sections: T): Partial<T> {
  const filled = Object.entries(sections).filter(([, section]) => Object.keys(section).length > 0);
  // The entries of T that have something in them.
  return Object.fromEntries(filled) as Partial<T>;
}

function whole(flag: string, value: string): number {
  if (/^\d{1,9}$/.test(value)) return Number(value);
  throw unreadable(`${flag} must be a whole number, not "${value}"`);
}

/** People write a number above all there are for "all". */
function layers(count: number): number | 'all' {
  return count >= 99 ? 'all' : count;
}

function unreadable(message: string, hint = 'give the command line as you would type it, in quotes'): AppError {
  return new AppError('INVALID_REQUEST', message, { hint });
}
