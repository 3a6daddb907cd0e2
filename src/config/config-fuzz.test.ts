/** Every field of both config files, wrong in every way: reading answers with file, path, message and hint, and never throws. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import fc from 'fast-check';
import { describe, expect, onTestFinished, test } from 'vitest';

import { loadSettings } from './settings/load-settings.ts';
import { loadInstanceFile, parseInstanceConfig } from './instances/instance-config.ts';
import type { ConfigProblem } from './reading/problem.ts';
import { jsonSchemaOf } from './schema-files.ts';
import type { SchemaName } from './schema-files.ts';

const FILE = '/home/ann/.drover/instances/chat/config.json';
const WHOLE = { name: 'chat', model: { id: 'demo' } };

interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
}

/** `server.port` and all others, sections too. */
function fieldsOf({ properties = {} }: SchemaNode, path: readonly string[] = []): (readonly string[])[] {
  return Object.entries(properties).flatMap(([name, field]) => [[...path, name], ...fieldsOf(field, [...path, name])]);
}

const FIELDS = fieldsOf(jsonSchemaOf('instance'));

type Json = Readonly<Record<string, unknown>>;

function withField(base: Json, [name = '', ...rest]: readonly string[], value: unknown): Json {
  const inner = base[name];
  const section = typeof inner === 'object' && inner !== null ? (inner as Json) : {};
  return { ...base, [name]: rest.length === 0 ? value : withField(section, rest, value) };
}

/** None of them is what any field wants, or it is at the edge of what one wants. */
const ODD_VALUES: readonly unknown[] = [
  null,
  true,
  '',
  'x',
  '10q',
  '/',
  'http://',
  -1,
  0,
  0.5,
  1e300,
  -1e300,
  Number.MAX_SAFE_INTEGER,
  [],
  [null],
  [[]],
  {},
  { a: { b: null } },
  'x'.repeat(100_000),
  '\u0000\u202e\ud800',
];

function problemsOf(text: string): readonly ConfigProblem[] {
  const loaded = parseInstanceConfig(FILE, Buffer.from(text), 'chat');
  return loaded.kind === 'invalid' ? loaded.problems : [];
}

/** Those that do not say where, what and what to do, in few words and without our own inner life. */
function unhelpful(problems: readonly ConfigProblem[], file: string = FILE): readonly ConfigProblem[] {
  return problems.filter(
    (problem) =>
      problem.file !== file ||
      problem.message.trim() === '' ||
      (problem.hint ?? '').trim() === '' ||
      problem.message.length > 300 ||
      /\bat .*:\d+:\d+|\[object|undefined|Invalid input/.test(problem.message),
  );
}

describe('a field of an instance config', () => {
  test.each(FIELDS.map((field) => [field.join('.'), field] as const))('%s, of every wrong kind', (path, field) => {
    for (const value of ODD_VALUES) {
      const problems = problemsOf(JSON.stringify(withField(WHOLE, field, value)));
      expect(unhelpful(problems)).toEqual([]);
      const [section = ''] = path.split('.');
      expect(problems.map((problem) => problem.path).filter((told) => !told.startsWith(section))).toEqual([]);
    }
  });

  test.each(FIELDS.map((field) => [field.join('.'), field] as const))('%s, written twice', (path, field) => {
    const once = JSON.stringify(withField({}, field, 1));
    const key = JSON.stringify(field.at(-1));
    const twice = once.replace(`${key}:1`, `${key}:1,${key}:2`);

    expect(problemsOf(twice)).toEqual([expect.objectContaining({ path, hint: 'keep one of them' })]);
  });

  test.each(FIELDS.map((field) => [field.join('.'), field] as const))(
    'beside %s, one that there is not',
    (_path, field) => {
      const unknown = [...field.slice(0, -1), 'zzz_unknown'];
      const problems = problemsOf(JSON.stringify(withField(WHOLE, unknown, 1)));

      expect(problems.map(({ path }) => path)).toContain(unknown.join('.'));
      expect(unhelpful(problems)).toEqual([]);
    },
  );

  test('any number of them at once, with anything', () => {
    const edits = fc.array(fc.tuple(fc.constantFrom(...FIELDS), fc.jsonValue()), { maxLength: 8 });
    fc.assert(
      fc.property(edits, (each) => {
        const config = each.reduce<Json>((base, [field, value]) => withField(base, field, value), WHOLE);
        expect(unhelpful(problemsOf(JSON.stringify(config)))).toEqual([]);
      }),
    );
  });
});

describe('a file as a whole', () => {
  const nested = (depth: number) =>
    `{"name":"chat","model":{"id":"demo"},"tags":${'['.repeat(depth)}${']'.repeat(depth)}}`;

  test.each([
    ['empty', '', 'the file is empty'],
    ['blank', ' \n\t', 'the file is empty'],
    ['no JSON', 'name = chat', 'line 1, column 1'],
    ['cut off', '{"name":"chat","model":', 'line 1, column 24'],
    ['a list', '[{"name":"chat"}]', 'found an array'],
    ['deep', nested(1_000), 'nested more than 50 levels'],
    ['bottomless', nested(400_000), 'nested more than 50 levels'],
    ['huge', JSON.stringify({ ...WHOLE, tags: ['x'.repeat(2_000_000)] }), 'more than 1000000 are not read'],
    ['with a key of its prototype', '{"__proto__":{"x":1},"name":"chat","model":{"id":"demo"}}', 'unknown field'],
  ])('that is %s', (_title, text, told) => {
    const problems = problemsOf(text);

    expect(problems[0]?.message).toContain(told);
    expect(unhelpful(problems)).toEqual([]);
  });

  test('with a byte order mark is read', () => {
    expect(parseInstanceConfig(FILE, Buffer.from(`\ufeff${JSON.stringify(WHOLE)}`), 'chat').kind).toBe('ok');
  });

  test.each([
    ['UTF-16', Buffer.from(JSON.stringify(WHOLE), 'utf16le')],
    ['Latin-1', Buffer.from('{"name":"ch\u00e4t"}', 'latin1')],
    ['zeros', Buffer.alloc(100)],
  ])('in %s is told', (_title, bytes) => {
    const loaded = parseInstanceConfig(FILE, bytes, 'chat');

    expect(loaded.kind === 'invalid' ? unhelpful(loaded.problems) : loaded).toEqual([]);
  });

  test('that is a folder is told', () => {
    const folder = mkdtempSync(join(tmpdir(), 'drover-fuzz-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    mkdirSync(join(folder, 'config.json'));

    expect(loadInstanceFile(join(folder, 'config.json'))).toMatchObject({ problems: [{ message: 'is no file' }] });
  });
});

describe('a setting of the daemon', () => {
  function settingsOf(text: string): readonly ConfigProblem[] {
    const home = mkdtempSync(join(tmpdir(), 'drover-fuzz-'));
    onTestFinished(() => rmSync(home, { recursive: true }));
    writeFileSync(join(home, 'config.json'), text);
    const loaded = loadSettings({ home, env: {} });
    const problems = loaded.kind === 'invalid' ? loaded.problems : [];
    expect(unhelpful(problems, join(home, 'config.json'))).toEqual([]);
    return problems;
  }
  const daemon: SchemaName = 'daemon';
  const keys = fieldsOf(jsonSchemaOf(daemon)).map(([key = '']) => key);

  test.each(keys.filter((key) => key !== '$schema'))('%s, of every wrong kind', (key) => {
    for (const value of ODD_VALUES) {
      const problems = settingsOf(JSON.stringify({ [key]: value }));
      expect(problems.map(({ path }) => path).filter((path) => path !== key)).toEqual([]);
    }
  });

  test.each(keys)('%s, written twice', (key) => {
    expect(settingsOf(`{"${key}": 1, "${key}": 2}`)).toMatchObject([{ path: key, hint: 'keep one of them' }]);
  });
});
