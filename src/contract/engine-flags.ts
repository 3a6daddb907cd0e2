/**
 * The flags by which an engine hears of its settings: each with its spellings, its variable, the field of the config
 * it comes from and the reading of its value. The one table behind command lines, `init --import`, the JSON Schema, the
 * page `docs/engine-flags.md` and the check against a real `--help`. Pure, and free of zod.
 */

/** What a value on a command line means, or `problem`: why it means nothing, completing `FLAG …`. */
export type FlagReading<T> = { readonly value: T } | { readonly problem: string };

interface FlagShape {
  /** Where the value stands in the config of an instance; null: Drover writes it by itself. */
  readonly field: string | null;
  /** Every spelling that llama-server has or had; the first one is written unless only another one is known. */
  readonly names: readonly [string, ...string[]];
  /** The variable that llama-server reads in the flag's place. */
  readonly env: string | null;
  /** What is written for the field, in words. */
  readonly about: string;
  readonly engines: readonly ('llama-server' | 'embedded')[];
  /** Left out where the program's `--help` does not name it. */
  readonly ifKnown: boolean;
}

export interface EngineFlag<T> extends FlagShape {
  readonly read: (text: string) => FlagReading<T>;
}

/** A value that stands for itself in the text, or `true` for a flag without a value. */
export type FlagValue = string | number | true;

const BOTH = ['llama-server', 'embedded'] as const;
const LLAMA = ['llama-server'] as const;

const defaults = { engines: BOTH, ifKnown: false, env: null };

export const ENGINE_FLAGS = {
  host: {
    ...defaults,
    field: 'server.host',
    names: ['--host'],
    env: 'LLAMA_ARG_HOST',
    about: 'Address on which the engine listens.',
    read: text,
  },
  port: {
    ...defaults,
    field: 'server.port',
    names: ['--port'],
    env: 'LLAMA_ARG_PORT',
    about: 'Port on which the engine listens; left out: the next free one from `instance_port_from` on.',
    read: whole,
  },
  alias: {
    ...defaults,
    field: 'name',
    names: ['--alias', '-a'],
    env: 'LLAMA_ARG_ALIAS',
    about: 'Name of the instance, and of its folder; requests may name it as their model.',
    read: list,
  },
  model: {
    ...defaults,
    field: 'model.path',
    names: ['--model', '-m'],
    env: 'LLAMA_ARG_MODEL',
    about: 'Model file (.gguf); a relative path counts from the folder of this config.',
    read: text,
  },
  projector: {
    ...defaults,
    engines: LLAMA,
    field: 'model.projector',
    names: ['--mmproj', '-mm'],
    env: 'LLAMA_ARG_MMPROJ',
    about: 'Projector file (.gguf), with which the model sees or hears; left out: the one beside it in the catalogue.',
    read: text,
  },
  contextSize: {
    ...defaults,
    field: 'model.context_size',
    names: ['--ctx-size', '-c'],
    env: 'LLAMA_ARG_CTX_SIZE',
    about: 'Tokens of each slot; the flag holds them times `server.parallel`. Left out: what the model was made for.',
    read: whole,
  },
  batchSize: {
    ...defaults,
    field: 'model.batch_size',
    names: ['--batch-size', '-b'],
    env: 'LLAMA_ARG_BATCH',
    about: 'Tokens of a prompt that are computed at once.',
    read: whole,
  },
  threads: {
    ...defaults,
    field: 'model.threads',
    names: ['--threads', '-t'],
    env: 'LLAMA_ARG_THREADS',
    about: 'Threads of the CPU; `auto`: a fair share of the cores.',
    read: threads,
  },
  parallel: {
    ...defaults,
    field: 'server.parallel',
    names: ['--parallel', '-np'],
    env: 'LLAMA_ARG_N_PARALLEL',
    about: 'Slots: how many requests are answered at once.',
    read: slots,
  },
  timeout: {
    ...defaults,
    engines: LLAMA,
    field: 'server.timeout',
    names: ['--timeout', '-to'],
    env: 'LLAMA_ARG_TIMEOUT',
    about: 'Longest silence of a connection to the engine.',
    ifKnown: true,
    read: whole,
  },
  backend: {
    ...defaults,
    engines: ['embedded'],
    field: 'gpu.backend',
    names: ['--backend'],
    about: 'Where it computes; `auto`: on the cards when there are some.',
    read: text,
  },
  layers: {
    ...defaults,
    field: 'gpu.layers',
    names: ['--gpu-layers', '-ngl', '--n-gpu-layers'],
    env: 'LLAMA_ARG_N_GPU_LAYERS',
    about: 'Layers of the model on the cards: a number, or `all`; `auto` is all, or none on the CPU.',
    read: layers,
  },
  device: {
    ...defaults,
    engines: LLAMA,
    field: 'gpu.devices',
    names: ['--device', '-dev'],
    env: 'LLAMA_ARG_DEVICE',
    about: 'Cards by id, name, alias or UUID; `auto`: the one with most free memory.',
    read: list,
  },
  split: {
    ...defaults,
    engines: LLAMA,
    field: 'gpu.split',
    names: ['--split-mode', '-sm'],
    env: 'LLAMA_ARG_SPLIT_MODE',
    about: 'How the model is spread over several cards.',
    read: text,
  },
  key: {
    ...defaults,
    engines: [],
    field: 'server.key',
    names: ['--api-key'],
    env: 'LLAMA_API_KEY',
    about: 'Key of the engine, handed over in the environment; `auto`: a random one for each start.',
    read: text,
  },
  fit: {
    ...defaults,
    engines: LLAMA,
    field: null,
    names: ['--fit', '-fit'],
    env: 'LLAMA_ARG_FIT',
    about: 'Always `off`: what runs is what the config says.',
    ifKnown: true,
    read: text,
  },
  metrics: {
    ...defaults,
    engines: LLAMA,
    field: null,
    names: ['--metrics'],
    env: 'LLAMA_ARG_ENDPOINT_METRICS',
    about: 'Always on: throughput is read there.',
    ifKnown: true,
    read: nothing,
  },
  slots: {
    ...defaults,
    engines: LLAMA,
    field: null,
    names: ['--slots'],
    env: 'LLAMA_ARG_ENDPOINT_SLOTS',
    about: 'Always on: busy slots and hangs are seen there.',
    ifKnown: true,
    read: nothing,
  },
  noUi: {
    ...defaults,
    engines: LLAMA,
    field: null,
    names: ['--no-ui', '--no-webui'],
    env: 'LLAMA_ARG_UI',
    about: 'Always given: nobody reaches the page behind the key.',
    ifKnown: true,
    read: nothing,
  },
} as const satisfies Record<string, EngineFlag<unknown>>;

export type EngineFlagId = keyof typeof ENGINE_FLAGS;
export const ENGINE_FLAG_IDS = Object.keys(ENGINE_FLAGS) as readonly EngineFlagId[];

/** What a command line says about each flag. */
export type FlagReadings = {
  -readonly [Id in EngineFlagId]?: Extract<ReturnType<(typeof ENGINE_FLAGS)[Id]['read']>, { value: unknown }>['value'];
};

/** What a field is for; throws for a field of no flag, which only a mistake in our own tables can be. */
export function flagAbout(field: string): string {
  const row = Object.values(ENGINE_FLAGS).find((flag) => flag.field === field);
  if (row === undefined) throw new Error(`no engine flag has the field ${field}`);
  return row.about;
}

function text(given: string): FlagReading<string> {
  return { value: given };
}

function nothing(): FlagReading<true> {
  return { value: true };
}

function list(given: string): FlagReading<readonly string[]> {
  return { value: given.split(',').filter((part) => part !== '') };
}

function whole(given: string): FlagReading<number> {
  return /^\d{1,9}$/.test(given) ? { value: Number(given) } : { problem: `must be a whole number, not "${given}"` };
}

/** Both zero and minus one leave it to the program. */
function threads(given: string): FlagReading<number | 'auto'> {
  return given === '-1' || given === '0' ? { value: 'auto' } : whole(given);
}

function slots(given: string): FlagReading<number | 'auto'> {
  return given === '-1' ? { value: 'auto' } : whole(given);
}

/** People write a number above all there are for "all". */
function layers(given: string): FlagReading<number | 'all' | 'auto'> {
  if (given === 'auto' || given === '-1') return { value: 'auto' };
  if (given === 'all' || given === '-2') return { value: 'all' };
  const count = whole(given);
  return 'value' in count && count.value >= 99 ? { value: 'all' } : count;
}
