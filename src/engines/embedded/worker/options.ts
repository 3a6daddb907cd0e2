/** The command line of the engine worker, read. Pure; the flags are llama-server's where it has the same thing. */

import { parseArgs } from 'node:util';

import { AppError } from '../../../contract/errors.ts';

export interface WorkerOptions {
  readonly host: string;
  readonly port: number;
  readonly alias: string;
  readonly model: string;
  /** Tokens of all slots together; 0 takes the model's own context length. */
  readonly contextSize: number;
  readonly batchSize: number;
  readonly parallel: number;
  readonly threads: number;
  readonly backend: string;
  readonly gpuLayers: number | 'auto' | 'all';
  /** Folder of an installed library with GPU packs; null takes the packaged one. */
  readonly library: string | null;
  readonly key: string | null;
  readonly callback: CallbackOptions | null;
}

/** Who is told once that this worker serves. */
export interface CallbackOptions {
  readonly url: URL;
  /** Proves that the call comes from the worker that was spawned. */
  readonly token: string | null;
}

/** What travels in the environment, where `ps` does not show it. */
interface WorkerSecrets {
  readonly key: string | undefined;
  readonly callbackToken: string | undefined;
}

const FLAGS = {
  host: { type: 'string', default: '127.0.0.1' },
  port: { type: 'string', short: 'p' },
  alias: { type: 'string', short: 'a' },
  model: { type: 'string', short: 'm' },
  'ctx-size': { type: 'string', short: 'c', default: '0' },
  'batch-size': { type: 'string', short: 'b', default: '512' },
  parallel: { type: 'string', default: '1' },
  threads: { type: 'string', short: 't', default: '1' },
  backend: { type: 'string', default: 'cpu' },
  'gpu-layers': { type: 'string', default: 'auto' },
  library: { type: 'string' },
  'callback-url': { type: 'string' },
} as const;

type Values = Partial<Record<keyof typeof FLAGS, string>>;

/** Rejects with INVALID_REQUEST naming the flag. */
export function parseWorkerOptions(argv: readonly string[], secrets: WorkerSecrets): WorkerOptions {
  const values = readFlags(argv);
  const model = required(values, 'model');
  return {
    host: values.host ?? '127.0.0.1',
    port: wholeNumber(values, 'port', 1, 65_535),
    alias: values.alias ?? model,
    model,
    contextSize: wholeNumber(values, 'ctx-size', 0, 100_000_000),
    batchSize: wholeNumber(values, 'batch-size', 1, 65_536),
    parallel: wholeNumber(values, 'parallel', 1, 256),
    threads: wholeNumber(values, 'threads', 1, 1024),
    backend: values.backend ?? 'cpu',
    gpuLayers: gpuLayers(values),
    library: values.library ?? null,
    key: secrets.key || null,
    callback: readCallback(values, secrets.callbackToken || null),
  };
}

function readFlags(argv: readonly string[]): Values {
  try {
    return parseArgs({ args: [...argv], options: FLAGS, strict: true }).values;
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new AppError('INVALID_REQUEST', message, {
      cause,
      hint: `known flags: --${Object.keys(FLAGS).join(', --')}`,
    });
  }
}

function required(values: Values, flag: keyof typeof FLAGS): string {
  const value = values[flag];
  if (value === undefined || value === '') throw new AppError('INVALID_REQUEST', `--${flag} is missing`);
  return value;
}

function wholeNumber(values: Values, flag: keyof typeof FLAGS, least: number, most: number): number {
  const text = required(values, flag);
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new AppError('INVALID_REQUEST', `--${flag} must be a whole number from ${least} to ${most}, not "${text}"`);
}

function readCallback(values: Values, token: string | null): CallbackOptions | null {
  const text = values['callback-url'];
  if (text === undefined) return null;
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') return { url, token };
  throw new AppError('INVALID_REQUEST', `--callback-url must be an http address, not "${text}"`);
}

function gpuLayers(values: Values): WorkerOptions['gpuLayers'] {
  const text = values['gpu-layers'] ?? 'auto';
  return text === 'auto' || text === 'all' ? text : wholeNumber(values, 'gpu-layers', 0, 10_000);
}
