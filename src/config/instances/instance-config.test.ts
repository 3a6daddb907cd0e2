import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { instanceJsonSchema, listInstanceNames, loadInstance, parseInstanceConfig } from './instance-config.ts';
import { instanceTemplate, PROFILES } from './instance-template.ts';
import { instanceConfigFile } from '../paths.ts';

/** Some hint or other. */
const ANY_HINT = expect.stringMatching(/./) as string;
const FILE = '/home/x/instances/chat/config.json';

function parse(value: unknown) {
  return parseInstanceConfig(FILE, Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'chat');
}

function problemsOf(value: unknown) {
  const loaded = parse(value);
  return loaded.kind === 'invalid' ? loaded.problems.map(({ path, message, hint }) => ({ path, message, hint })) : [];
}

const VALID = { name: 'chat', model: { id: 'demo' } };

describe('a well-formed config', () => {
  test('takes defaults for everything that is not written', () => {
    const loaded = parse(VALID);

    expect(loaded).toMatchObject({
      kind: 'ok',
      config: {
        model: { batch_size: 512, threads: 'auto' },
        server: { host: '127.0.0.1', parallel: 1, timeout: 600_000, key: 'auto' },
        healthcheck: { path: '/health', interval: 10_000, load_timeout: 600_000 },
        restart: { max_retries: 5, initial_delay: 2_000, stable_after: 300_000 },
      },
    });
  });

  test('takes durations as seconds or as text', () => {
    const loaded = parse({ ...VALID, stop: { drain: 1.5, grace: '250ms' } });

    expect(loaded).toMatchObject({ kind: 'ok', config: { stop: { drain: 1_500, grace: 250 } } });
  });

  test('with a port below 1024 comes with a warning', () => {
    const loaded = parse({ ...VALID, server: { port: 80 } });

    expect(loaded).toMatchObject({ kind: 'ok', warnings: [{ path: 'server.port', severity: 'warning' }] });
  });

  test.each(PROFILES)('is what the %s template writes', (profile) => {
    const written = instanceTemplate({ name: 'chat', profile, model: { id: 'demo' }, port: 8001 });

    expect(parse(written)).toMatchObject({ kind: 'ok', config: { gpu: { backend: profile } } });
  });
});

describe('a config with a mistake says where it is and how to mend it', () => {
  test.each([
    ['an unknown section', { ...VALID, modle: {} }, 'modle', 'unknown field', 'did you mean "model"?'],
    ['an unknown field', { ...VALID, server: { prot: 1 } }, 'server.prot', 'unknown field', 'did you mean "port"?'],
    [
      'a field like no other',
      { ...VALID, stop: { qqqqqqqq: 1 } },
      'stop.qqqqqqqq',
      'unknown field',
      'known fields here: drain, grace',
    ],
    ['no name', { model: { id: 'demo' } }, 'name', 'missing', 'add "name"'],
    ['no model', { name: 'chat' }, 'model', 'missing', 'add "model"'],
    [
      'both path and id',
      { ...VALID, model: { id: 'a', path: 'b' } },
      'model',
      'give exactly one of "path" and "id"',
      null,
    ],
    ['neither path nor id', { ...VALID, model: {} }, 'model', 'give exactly one of "path" and "id"', null],
    [
      'a port above all',
      { ...VALID, server: { port: 70_000 } },
      'server.port',
      'must be at most 65535; found 70000',
      null,
    ],
    ['a port of zero', { ...VALID, server: { port: 0 } }, 'server.port', 'must be at least 1; found 0', null],
    ['half a port', { ...VALID, server: { port: 8.5 } }, 'server.port', 'must be a whole number; found 8.5', null],
    ['a port in quotes', { ...VALID, server: { port: '8001' } }, 'server.port', 'must be a number; found "8001"', null],
    ['too many slots', { ...VALID, server: { parallel: 65 } }, 'server.parallel', 'must be at most 64; found 65', null],
    [
      'a small context',
      { ...VALID, model: { id: 'demo', context_size: 100 } },
      'model.context_size',
      'must be at least 512; found 100',
      null,
    ],
    [
      'too many threads',
      { ...VALID, model: { id: 'demo', threads: 300 } },
      'model.threads',
      'must be at most 256; found 300',
      null,
    ],
    [
      'threads in words',
      { ...VALID, model: { id: 'demo', threads: 'autp' } },
      'model.threads',
      'must be a number or "auto"; found "autp"',
      'did you mean "auto"?',
    ],
    [
      'an unknown backend',
      { ...VALID, gpu: { backend: 'cudaa' } },
      'gpu.backend',
      'must be "cpu", "cuda", "vulkan", "metal", "rocm" or "auto"; found "cudaa"',
      'did you mean "cuda"?',
    ],
    [
      'an unknown split',
      { ...VALID, gpu: { split: 'rows' } },
      'gpu.split',
      'must be "none", "layer" or "row"; found "rows"',
      'did you mean "row"?',
    ],
    [
      'a fast probe',
      { ...VALID, healthcheck: { interval: '10ms' } },
      'healthcheck.interval',
      'must be at least 1s',
      null,
    ],
    [
      'an odd duration',
      { ...VALID, stop: { grace: 'soon' } },
      'stop.grace',
      '"soon" is no duration; write seconds or text such as 500ms, 10s, 5m',
      null,
    ],
    ['a number in the environment', { ...VALID, env: { A: 1 } }, 'env.A', 'must be a string; found 1', null],
    ['a wrong entry of a list', { ...VALID, args: ['-x', 7] }, 'args[1]', 'must be a string; found 7', null],
    ['a section that is none', { ...VALID, server: 8001 }, 'server', 'must be an object; found 8001', null],
    [
      'a name with capitals',
      { ...VALID, name: 'Chat' },
      'name',
      'must be lower-case letters, digits and dashes, 1 to 64 characters; found "Chat"',
      null,
    ],
    [
      'the name of another folder',
      { ...VALID, name: 'chatt' },
      'name',
      'is "chatt", but the folder is "chat"',
      'write "name": "chat", or rename the folder',
    ],
  ])('%s', (_title, value, path, message, hint) => {
    expect(problemsOf(value)).toEqual([{ path, message, hint: hint ?? ANY_HINT }]);
  });

  test('several mistakes are all told at once', () => {
    const problems = problemsOf({ ...VALID, prot: 1, server: { port: 0, parallel: 0 } });

    expect(problems.map(({ path }) => path)).toEqual(['server.port', 'server.parallel', 'prot']);
  });

  test.each([
    ['a comma too many', '{"name": "chat",\n "model": {"id": "x"},\n}', 'line 3, column 1: '],
    ['a missing colon', '{\n  "name" "chat"\n}', 'line 2, column 10: '],
    ['a bare word', '{"name": chat}', 'line 1, column 10: '],
    ['a comment', '{\n // hi\n}', 'line 2, column 2: '],
    ['an open brace', '{"name": "chat"', 'line 1, column 16: '],
    ['an empty file', ' \n', 'the file is empty'],
    ['a list', '[]', 'expected a JSON object, found an array'],
    ['null', 'null', 'expected a JSON object, found null'],
  ])('%s has a line and a column', (_title, text, start) => {
    const [problem] = problemsOf(text);

    expect(problem?.path).toBe('');
    expect(problem?.message.slice(0, start.length)).toBe(start);
  });

  test('bytes that are no UTF-8 are told, not replaced', () => {
    const loaded = parseInstanceConfig(FILE, Uint8Array.from([0x7b, 0xff, 0xfe, 0x7d]), 'chat');

    expect(loaded).toMatchObject({ kind: 'invalid', problems: [{ message: 'not UTF-8 text' }] });
  });
});

describe('whatever the bytes are, reading answers', () => {
  const alphabet = fc.constantFrom(
    '{',
    '}',
    '[',
    ']',
    '"',
    ':',
    ',',
    '\\',
    'name',
    'model',
    'null',
    '1',
    '-',
    ' ',
    '\n',
    'é',
  );

  test('for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['ok', 'invalid']).toContain(parseInstanceConfig(FILE, bytes, 'chat').kind);
      }),
    );
  });

  test('for text that nearly is JSON', () => {
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 60 }), (parts) => {
        expect(['ok', 'invalid']).toContain(parseInstanceConfig(FILE, Buffer.from(parts.join('')), 'chat').kind);
      }),
    );
  });

  test('for any JSON in any section', () => {
    const sections = ['name', 'model', 'server', 'gpu', 'env', 'args', 'stop', '__proto__', 'constructor'];
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...sections), fc.jsonValue()), (value) => {
        expect(['ok', 'invalid']).toContain(parse({ ...VALID, ...value }).kind);
      }),
    );
  });
});

describe('instances on disk', () => {
  let home: string;
  beforeEach(() => void (home = mkdtempSync(join(tmpdir(), 'drover-config-'))));
  afterEach(() => rmSync(home, { recursive: true }));

  function write(name: string, text: string): void {
    const file = instanceConfigFile(home, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }

  test('are listed by folder, whether valid or not', () => {
    write('b', 'nonsense');
    write('a', JSON.stringify({ name: 'a', model: { id: 'demo' } }));
    mkdirSync(join(home, 'instances', 'Not A Name'));

    expect(listInstanceNames(home)).toEqual(['a', 'b']);
    expect([loadInstance(home, 'a').kind, loadInstance(home, 'b').kind]).toEqual(['ok', 'invalid']);
  });

  test('are absent without a file, and never looked for outside their folder', () => {
    expect(loadInstance(home, 'nobody').kind).toBe('absent');
    expect(loadInstance(home, '../../etc').kind).toBe('absent');
    expect(listInstanceNames(join(home, 'none'))).toEqual([]);
  });
});

test('the JSON schema for editors knows every section', () => {
  expect(Object.keys(instanceJsonSchema()['properties'] as object)).toEqual(
    expect.arrayContaining([
      'name',
      'engine',
      'model',
      'server',
      'gpu',
      'healthcheck',
      'stop',
      'restart',
      'env',
      'args',
    ]),
  );
});
