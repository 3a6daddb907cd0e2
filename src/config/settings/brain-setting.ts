/** The setting `brain`: the model that the brain itself asks, and where it is computed. Pure. */

import { shown } from '../reading/problem.ts';
import type { Reading, SettingKind } from './setting-kinds.ts';

export interface BrainSetting {
  /** A model of the catalogue, or the absolute path of a file. */
  readonly model: string;
  /** Cards that it is split over, by any of their names; null: the agent picks. */
  readonly devices: readonly string[] | null;
  /** Tokens per question; null: what the model and the memory give. */
  readonly context: number | null;
}

/** An object, or text: the model alone, or `model=…,devices=gpu0+gpu1,context=8192`. Null for `off`. */
export const brainModel: SettingKind<BrainSetting | null> = {
  schema: {
    anyOf: [
      {
        type: 'object',
        properties: {
          model: { type: 'string', minLength: 1 },
          devices: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string', minLength: 1 } }] },
          context: { type: 'integer', minimum: 512 },
        },
        required: ['model'],
        additionalProperties: false,
      },
      { type: 'string' },
    ],
  },
  read(raw) {
    if (raw === 'off' || raw === null) return { value: null };
    if (typeof raw === 'string') return fromFields(raw.includes('=') ? fieldsOf(raw) : { model: raw.trim() }, raw);
    if (typeof raw !== 'object' || Array.isArray(raw)) return wrong(raw);
    return fromFields(raw as Readonly<Record<string, unknown>>, raw);
  },
};

function fieldsOf(text: string): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const at = part.indexOf('=');
      return [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    }),
  );
}

function fromFields(fields: Readonly<Record<string, unknown>>, raw: unknown): Reading<BrainSetting> {
  const { model, devices = null, context, ...others } = fields;
  const names = namesOf(devices);
  const tokens = typeof context === 'string' ? Number(context) : (context ?? null);
  const isWhole = tokens === null || (typeof tokens === 'number' && Number.isInteger(tokens) && tokens >= 512);
  const isRight = typeof model === 'string' && model !== '' && names !== undefined && isWhole;
  if (!isRight || Object.keys(others).length > 0) return wrong(raw);
  return { value: { model, devices: names, context: tokens } };
}

/** Undefined for what is no list of names. */
function namesOf(devices: unknown): readonly string[] | null | undefined {
  if (devices === null) return null;
  const names: unknown[] = typeof devices === 'string' ? devices.split('+') : Array.isArray(devices) ? devices : [];
  const known = names.filter((name): name is string => typeof name === 'string' && name !== '');
  return known.length > 0 && known.length === names.length ? known : undefined;
}

function wrong(raw: unknown): Reading<never> {
  const form = 'a model, model=demo,devices=gpu0+gpu1,context=8192, or an object with these fields (context from 512)';
  return { problem: `must be ${form}, not ${shown(raw)}` };
}
