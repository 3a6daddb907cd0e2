/** The values of a batch from the command line: `--config JSON|@file`, then each `--set KEY=VALUE` over it. */

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { hasCode } from '../../../kernel/files.ts';
import type { JsonValue } from '../../../plans/types.ts';

export interface ConfigFlags {
  readonly config?: string;
  readonly set?: readonly string[];
}

type BatchValues = Readonly<Record<string, JsonValue>>;

export function batchConfig({ config, set = [] }: ConfigFlags, cwd: string): BatchValues {
  return { ...(config === undefined ? {} : parseConfig(config, cwd)), ...Object.fromEntries(set.map(parseSetting)) };
}

function parseConfig(text: string, cwd: string): BatchValues {
  const file = text.startsWith('@') ? resolve(cwd, text.slice(1)) : null;
  const where = file ?? '--config';
  const json = file === null ? text : textOf(file);
  try {
    const value: unknown = JSON.parse(json);
    if (isObject(value)) return value;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new AppError(file === null ? 'INVALID_REQUEST' : 'CONFIG_INVALID', `${where}: ${why}`, {
      cause,
      hint: `write a JSON object such as {"KEY": "value"}`,
    });
  }
  throw new AppError('INVALID_REQUEST', `${where} is no JSON object`, { hint: 'write {"KEY": "value"}' });
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = hasCode(cause, 'ENOENT') ? 'there is no such file' : String(cause);
    throw new AppError('CONFIG_INVALID', `${file}: ${why}`, { cause, hint: 'give --config @FILE, or --set KEY=VALUE' });
  }
}

function parseSetting(setting: string): [string, string] {
  const at = setting.indexOf('=');
  if (at > 0) return [setting.slice(0, at), setting.slice(at + 1)];
  throw new AppError('INVALID_REQUEST', `--set ${setting} has no value`, { hint: 'write --set KEY=VALUE' });
}

function isObject(value: unknown): value is BatchValues {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
