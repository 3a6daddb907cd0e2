import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { AppError, asAppError, ERRORS, toErrorBody } from './errors.ts';
import { EXIT } from './exit-codes.ts';

const page = readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8');

test('every code is documented with its status and exit code', () => {
  const documented = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (\d+) \|/gm)].map(([, code, status, exit]) => ({
    code,
    status: Number(status),
    exit: Number(exit),
  }));
  const catalogue = Object.entries(ERRORS).map(([code, { status, exit }]) => ({ code, status, exit }));
  expect(documented).toEqual(catalogue);
});

test('every exit code is documented', () => {
  const documented = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code));
  expect(documented).toEqual(Object.values(EXIT));
});

test('a foreign error becomes INTERNAL and keeps its cause', () => {
  const cause = new TypeError('x is undefined');
  expect(asAppError(cause)).toMatchObject({ code: 'INTERNAL', message: 'x is undefined', cause });
});

test('a file system that says no is a refusal, not a bug', () => {
  const cause = Object.assign(new Error("EACCES: permission denied, mkdir '/x'"), { code: 'EACCES' });

  expect(asAppError(cause)).toMatchObject({ code: 'PERMISSION_DENIED', exitCode: EXIT.refused, cause });
});

test.each([
  ['ENOSPC', 'DISK_FULL', EXIT.failed],
  ['EDQUOT', 'DISK_FULL', EXIT.failed],
  ['ENOTDIR', 'INVALID_REQUEST', EXIT.usage],
])('%s is told as %s, with what helps', (code, told, exitCode) => {
  const cause = Object.assign(new Error(`${code}: no, write`), { code });

  expect(asAppError(cause)).toMatchObject({ code: told, exitCode, cause, hint: expect.stringMatching(/folder|room/) });
});

test('the envelope leaves out what is not there', () => {
  expect(toErrorBody(new AppError('QUEUE_FULL', 'the queue of demo is full'))).toEqual({
    error: { code: 'QUEUE_FULL', message: 'the queue of demo is full', retryable: true },
  });
});
