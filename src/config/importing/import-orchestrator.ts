/**
 * The `config.json` of an llama-orchestrator instance made into ours. What has no counterpart is told, not dropped in
 * silence; a value of the wrong kind is an error with its path. Pure.
 */

import { AppError } from '../../contract/errors.ts';
import { didYouMean } from '../../kernel/nearest.ts';
import { ConfigSections } from './imported.ts';
import type { Imported } from './imported.ts';

type Json = Readonly<Record<string, unknown>>;

/** One field of theirs: where it goes in ours, and how its value reads there. Null drops the field, with a note. */
interface FieldRow {
  readonly to: string | null;
  readonly read: (value: unknown) => unknown;
}

const MISREAD = Symbol('misread');

const FIELDS: Readonly<Record<string, FieldRow>> = {
  name: { to: null, read: (value) => value },
  'model.path': { to: 'model.path', read: text },
  'model.context_size': { to: 'model.context_size', read: number },
  'model.batch_size': { to: 'model.batch_size', read: number },
  'model.threads': { to: 'model.threads', read: (value) => (value === 0 ? 'auto' : number(value)) },
  'model.alias': { to: 'model.alias', read: (value) => (typeof value === 'string' ? [value] : texts(value)) },
  'server.host': { to: 'server.host', read: text },
  'server.port': { to: 'server.port', read: number },
  'server.timeout': { to: 'server.timeout', read: number },
  'server.parallel': { to: 'server.parallel', read: number },
  'gpu.backend': { to: 'gpu.backend', read: backend },
  'gpu.device_id': { to: 'gpu.devices', read: device },
  'gpu.layers': { to: 'gpu.layers', read: layers },
  'gpu.n_gpu_layers': { to: 'gpu.layers', read: layers },
  'healthcheck.path': { to: 'healthcheck.path', read: text },
  'healthcheck.interval': { to: 'healthcheck.interval', read: number },
  'healthcheck.timeout': { to: 'healthcheck.timeout', read: number },
  'healthcheck.retries': { to: 'healthcheck.retries', read: number },
  'healthcheck.start_period': { to: 'healthcheck.start_period', read: number },
  'restart_policy.enabled': { to: 'restart.enabled', read: truth },
  'restart_policy.max_retries': { to: 'restart.max_retries', read: number },
  'restart_policy.initial_delay': { to: 'restart.initial_delay', read: number },
  'restart_policy.max_delay': { to: 'restart.max_delay', read: number },
  'restart_policy.backoff_multiplier': { to: 'restart.multiplier', read: number },
  'logs.stdout': { to: null, read: (value) => value },
  'logs.stderr': { to: null, read: (value) => value },
  'logs.max_size_mb': { to: 'logs.max_size_mb', read: number },
  'logs.rotation': { to: null, read: (value) => value },
  env: { to: 'env', read: variables },
  args: { to: 'args', read: texts },
  autostart: { to: 'autostart', read: truth },
};

/** Sections whose fields are looked at one by one. */
const SECTIONS = new Set(Object.keys(FIELDS).flatMap((path) => (path.includes('.') ? [path.split('.')[0]] : [])));

/** Throws CONFIG_INVALID that names file and path. */
export function importOrchestratorConfig(file: string, value: Json): Imported {
  const sections = new ConfigSections();
  sections.place('engine.kind', 'llama-server');
  const notes: string[] = [];
  for (const [path, found] of leaves(value, file)) {
    const row = Object.hasOwn(FIELDS, path) ? FIELDS[path] : undefined;
    if (row === undefined) throw unknownField(file, path);
    if (row.to === null) {
      if (path !== 'name') notes.push(`${path} has no counterpart and is left out`);
      continue;
    }
    const converted = row.read(found);
    if (converted === MISREAD) throw invalid(file, path, `cannot be converted: ${JSON.stringify(found)}`);
    sections.place(row.to, converted);
  }
  if (!sections.has('model.path')) throw invalid(file, 'model.path', 'missing');
  return { config: sections.config(), notes };
}

function leaves(value: Json, file: string): (readonly [path: string, value: unknown])[] {
  return Object.entries(value).flatMap(([key, inner]) => {
    if (key === '$schema') return [];
    if (!SECTIONS.has(key)) return [[key, inner] as const];
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner))
      throw invalid(file, key, 'must be an object');
    return Object.entries(inner).map(([field, leaf]) => [`${key}.${field}`, leaf] as const);
  });
}

function number(value: unknown): unknown {
  return typeof value === 'number' && Number.isFinite(value) ? value : MISREAD;
}

function text(value: unknown): unknown {
  return typeof value === 'string' && value !== '' ? value : MISREAD;
}

function truth(value: unknown): unknown {
  return typeof value === 'boolean' ? value : MISREAD;
}

function texts(value: unknown): unknown {
  return Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : MISREAD;
}

function variables(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return MISREAD;
  return Object.values(value).every((each) => typeof each === 'string') ? value : MISREAD;
}

/** Theirs are written with or without capitals; HIP is ROCm. */
function backend(value: unknown): unknown {
  if (typeof value !== 'string') return MISREAD;
  const name = value.toLowerCase();
  return name === 'hip' ? 'rocm' : name;
}

/** A number of theirs counts cards as ours are named; below zero is none in particular. */
function device(value: unknown): unknown {
  if (typeof value === 'string' && value !== '') return [value];
  if (typeof value !== 'number' || !Number.isInteger(value)) return MISREAD;
  return value < 0 ? undefined : [`gpu${value}`];
}

function layers(value: unknown): unknown {
  if (value === 'all' || value === 'auto') return value;
  if (typeof value !== 'number' || !Number.isInteger(value)) return MISREAD;
  return value < 0 || value >= 99 ? 'all' : value;
}

function unknownField(file: string, path: string): AppError {
  const near = didYouMean(path, Object.keys(FIELDS));
  return invalid(file, path, 'unknown field', near ?? 'take it out, or put its flag into "args"');
}

function invalid(file: string, path: string, message: string, hint?: string): AppError {
  return new AppError('CONFIG_INVALID', `${file}: ${path}: ${message}`, hint === undefined ? {} : { hint });
}
