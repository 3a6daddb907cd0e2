/** The kinds of values that settings have: how each is read, from text or JSON, and its JSON Schema. Pure. */

import { isIP } from 'node:net';
import { delimiter, isAbsolute } from 'node:path';

import { LONGEST_MS, parseDuration } from '../../contract/durations.ts';
import type { DeviceRole } from '../../contract/devices.ts';
import { shown } from '../reading/problem.ts';

/** What was read, or what is wrong with it: `problem` completes the sentence `NAME …`. */
export type Reading<T> = { readonly value: T } | { readonly problem: string };

export interface SettingKind<T> {
  readonly read: (raw: unknown) => Reading<T>;
  /** Of the value in the file. */
  readonly schema: Readonly<Record<string, unknown>>;
}

export function integer(min: number, max: number): SettingKind<number> {
  return {
    schema: { type: 'integer', minimum: min, maximum: max },
    read: (raw) => {
      const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
      if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max) return { value };
      return { problem: `must be a whole number from ${min} to ${max}, not ${shown(raw)}` };
    },
  };
}

export function oneOf<T extends string>(choices: readonly T[]): SettingKind<T> {
  return {
    schema: { enum: [...choices] },
    read: (raw) => {
      const value = choices.find((choice) => choice === raw);
      return value === undefined ? { problem: `must be one of ${choices.join(', ')}, not ${shown(raw)}` } : { value };
    },
  };
}

export const truth: SettingKind<boolean> = {
  schema: { type: 'boolean' },
  read: (raw) => {
    if (raw === true || raw === '1' || raw === 'true' || raw === 'yes' || raw === 'on') return { value: true };
    if (raw === false || raw === '0' || raw === 'false' || raw === 'no' || raw === 'off') return { value: false };
    return { problem: `must be true or false (1 or 0), not ${shown(raw)}` };
  },
};

/** In milliseconds; never 0. */
export const duration: SettingKind<number> = {
  schema: { type: ['number', 'string'], exclusiveMinimum: 0 },
  read: (raw) => {
    const value = typeof raw === 'string' || typeof raw === 'number' ? parseDuration(raw) : null;
    return value === null || value === 0 || value > LONGEST_MS
      ? { problem: `must be a duration up to 24d such as 30s, 5m or a number of seconds, not ${shown(raw)}` }
      : { value };
  },
};

/** Where a server listens. */
export const address: SettingKind<string> = {
  schema: { type: 'string', minLength: 1 },
  read: (raw) => {
    if (typeof raw === 'string' && (raw === 'localhost' || isIP(raw) !== 0)) return { value: raw };
    return { problem: `must be an address of this machine such as 127.0.0.1 or 0.0.0.0, not ${shown(raw)}` };
  },
};

const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/*]+$/;

/** As browsers send them: a list, or text with commas between. */
export const origins: SettingKind<readonly string[]> = {
  schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string', pattern: ORIGIN.source } }] },
  read: (raw) => {
    if (raw === 'off') return { value: [] };
    const given: unknown[] = typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [null];
    const known = given.filter((origin): origin is string => typeof origin === 'string' && ORIGIN.test(origin));
    if (known.length === given.length) return { value: known };
    return { problem: `must be origins such as https://chat.example, or off, not ${shown(raw)}` };
  },
};

/** An absolute path; `off` is none. */
export const filePath: SettingKind<string | null> = {
  schema: { type: 'string', minLength: 1 },
  read: (raw) => {
    if (raw === 'off') return { value: null };
    if (typeof raw === 'string' && isAbsolute(raw)) return { value: raw };
    return { problem: `must be the absolute path of a file, or off, not ${shown(raw)}` };
  },
};

/** Without a slash at its end. */
export const hubAddress: SettingKind<string> = {
  schema: { type: 'string' },
  read: (raw) => {
    if (typeof raw === 'string' && /^https?:\/\/[^\s/]+/.test(raw) && URL.canParse(raw)) {
      return { value: raw.endsWith('/') ? raw.slice(0, -1) : raw };
    }
    return { problem: `must be an address such as https://hub.example, not ${shown(raw)}` };
  },
};

/** `off` is none. */
export const webAddress: SettingKind<string | null> = {
  schema: { type: 'string' },
  read: (raw) => {
    if (raw === 'off') return { value: null };
    if (typeof raw === 'string' && /^https?:\/\/[^\s/]+/.test(raw) && URL.canParse(raw)) return { value: raw };
    return { problem: `must be an address such as https://hooks.example/drover, or off, not ${shown(raw)}` };
  },
};

/** Any text; `off` is none. */
export const freeText: SettingKind<string | null> = {
  schema: { type: 'string', minLength: 1 },
  read: (raw) => {
    if (typeof raw !== 'string' || raw.trim() === '') return { problem: `must be a text, or off, not ${shown(raw)}` };
    return { value: raw === 'off' ? null : raw };
  },
};

const DATABASE = /^(?:sqlite:.+|postgres(?:ql)?:\/\/.+)$/;

export const databaseUrl: SettingKind<string> = {
  schema: { type: 'string', pattern: DATABASE.source },
  read: (raw) =>
    typeof raw === 'string' && DATABASE.test(raw) ? { value: raw } : { problem: 'must be sqlite:PATH or postgres://…' },
};

/** `all`, names separated by commas, or a list of names. */
export const deviceNames: SettingKind<readonly string[] | null> = {
  schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' }, minItems: 1 }] },
  read: (raw) => {
    if (raw === 'all') return { value: null };
    const names: unknown[] = typeof raw === 'string' ? raw.split(',') : Array.isArray(raw) ? raw : [];
    const known = names.map((name) => (typeof name === 'string' ? name.trim() : '')).filter((name) => name !== '');
    if (known.length > 0 && known.length === names.length) return { value: known };
    return { problem: `must be all, or names of devices such as cuda0,cpu, not ${shown(raw)}` };
  },
};

/** Absolute paths: a list, or text with colons between, as in PATH. */
export const folders: SettingKind<readonly string[]> = {
  schema: { anyOf: [{ type: 'string' }, { type: 'array', items: { type: 'string' } }] },
  read: (raw) => {
    const paths: unknown[] = typeof raw === 'string' ? raw.split(delimiter) : Array.isArray(raw) ? raw : [null];
    const known = paths.filter((path): path is string => typeof path === 'string' && path !== '');
    if (known.length === paths.length && known.every((path) => isAbsolute(path))) return { value: known };
    return { problem: `must be absolute paths of folders, not ${shown(raw)}` };
  },
};

const ALIAS = /^[A-Za-z0-9][\w.-]{0,63}$/;

/** An object, or `name=device` pairs separated by commas. */
export const deviceAliases: SettingKind<Readonly<Record<string, string>>> = {
  schema: {
    anyOf: [
      {
        type: 'object',
        additionalProperties: { type: 'string', minLength: 1 },
        propertyNames: { pattern: ALIAS.source },
      },
      { type: 'string' },
    ],
  },
  read: (raw) => {
    const pairs = typeof raw === 'string' ? splitPairs(raw) : entriesOf(raw);
    const wrong = pairs?.find(([name, device]) => !ALIAS.test(name) || typeof device !== 'string' || device === '');
    if (pairs !== null && wrong === undefined) return { value: Object.fromEntries(pairs) as Record<string, string> };
    const what = wrong === undefined ? '' : ` (at ${shown(wrong[0])})`;
    return { problem: `must be names of devices such as big=gpu0,small=GPU-1b2c${what}, not ${shown(raw)}` };
  },
};

const ROLES = ['tasks', 'instances', 'brain', 'off'] as const;

/** An object, or `device=roles` pairs separated by commas; roles are a list, or joined by `+`. `off` is none. */
export const deviceRoles: SettingKind<Readonly<Record<string, readonly DeviceRole[]>>> = {
  schema: {
    anyOf: [
      {
        type: 'object',
        additionalProperties: { anyOf: [{ type: 'string' }, { type: 'array', items: { enum: [...ROLES] } }] },
      },
      { type: 'string' },
    ],
  },
  read: (raw) => {
    const said = typeof raw === 'string' ? splitPairs(raw) : entriesOf(raw);
    const pairs = said?.map(([name, roles]) => [name, parseRoles(roles)] as const);
    const wrong = pairs?.find(([, roles]) => roles === null);
    if (pairs && !wrong) return { value: Object.fromEntries(pairs) as Record<string, readonly DeviceRole[]> };
    const what = wrong ? ` (at ${shown(wrong[0])})` : '';
    return { problem: `must give devices roles, such as gpu0=tasks+instances,gpu1=off${what}, not ${shown(raw)}` };
  },
};

/** Null when it is no list of roles. `off` stands alone. */
function parseRoles(raw: unknown): readonly DeviceRole[] | null {
  const words: unknown[] = typeof raw === 'string' ? raw.split(/[+,]/).map((word) => word.trim()) : asList(raw);
  const roles = ROLES.filter((role) => words.includes(role));
  if (roles.length === 0 || words.some((word) => !ROLES.some((role) => role === word))) return null;
  if (roles.includes('off')) return roles.length === 1 ? [] : null;
  return roles.filter((role) => role !== 'off');
}

function asList(raw: unknown): unknown[] {
  return Array.isArray(raw) ? raw : [];
}

function splitPairs(text: string): [string, unknown][] {
  return text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part.trim(), ''] : [part.slice(0, at).trim(), part.slice(at + 1).trim()];
    });
}

function entriesOf(raw: unknown): [string, unknown][] | null {
  return typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? Object.entries(raw) : null;
}

/** `COUNTxMEGABYTES[:NAME][@ROOM]`; see `devices/rig.ts`. */
const RIG_PART = /^\s*[1-9]\d{0,3}x[1-9]\d{1,6}(?::[^@,]+)?(?:@\d{1,2})?\s*$/;

export const rig: SettingKind<string | null> = {
  schema: { type: 'string' },
  read: (raw) => {
    if (typeof raw === 'string' && raw.split(',').every((part) => RIG_PART.test(part))) return { value: raw };
    const form = 'COUNTxMEGABYTES such as 5x6144 or 2x6144,1x24576:RTX 3090';
    return { problem: `must be ${form}, not ${shown(raw)}` };
  },
};
