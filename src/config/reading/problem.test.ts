import { expect, test } from 'vitest';

import { invalidConfig } from './problem.ts';
import type { ConfigProblem } from './problem.ts';

const PROBLEM: ConfigProblem = { file: 'c.json', path: '', message: 'no JSON', hint: null, severity: 'error' };

test('a file that cannot be read at all is named without a path in it', () => {
  expect(invalidConfig([PROBLEM], 'look at it')).toMatchObject({ message: 'c.json: no JSON', hint: 'look at it' });
});

test('a problem within a file is named with its path, and its own hint wins', () => {
  const problem = { ...PROBLEM, path: 'server.port', message: 'too high', hint: 'at most 65535' };

  expect(invalidConfig([problem], 'look at it')).toMatchObject({
    message: 'c.json: server.port: too high',
    hint: 'at most 65535',
  });
});
