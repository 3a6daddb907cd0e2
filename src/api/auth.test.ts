import { describe, expect, test } from 'vitest';

import { authorise } from './auth.ts';
import type { Caller } from './auth.ts';

const program: Caller = {
  via: 'tcp',
  address: '127.0.0.1',
  host: '127.0.0.1:8080',
  origin: undefined,
  fetchSite: undefined,
};

describe('who may do what', () => {
  test('the unix socket is the operator', () => {
    expect(authorise({ ...program, via: 'socket', address: null }, 'manage', '127.0.0.1')).toEqual({ kind: 'allowed' });
  });

  test('a program on this machine may read and infer without a key, and change nothing', () => {
    expect(authorise(program, 'read', '127.0.0.1').kind).toBe('allowed');
    expect(authorise(program, 'inference', '127.0.0.1').kind).toBe('allowed');
    expect(authorise(program, 'manage', '127.0.0.1')).toMatchObject({ code: 'FORBIDDEN' });
  });

  test('a caller from another machine is refused', () => {
    expect(authorise({ ...program, address: '192.0.2.7' }, 'read', '0.0.0.0')).toMatchObject({ code: 'UNAUTHORIZED' });
  });

  test('a page of another origin is refused, the own page is not', () => {
    const page = { ...program, origin: 'http://127.0.0.1:8080', fetchSite: 'same-origin' };
    expect(authorise(page, 'read', '127.0.0.1').kind).toBe('allowed');
    expect(authorise({ ...page, origin: 'http://evil.example' }, 'read', '127.0.0.1')).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
    expect(authorise({ ...program, fetchSite: 'cross-site' }, 'read', '127.0.0.1')).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
    expect(authorise({ ...page, origin: 'null' }, 'read', '127.0.0.1')).toMatchObject({ code: 'ORIGIN_FORBIDDEN' });
  });

  test('a foreign name that resolves to loopback is refused', () => {
    expect(authorise({ ...program, host: 'rebound.example:8080' }, 'inference', '127.0.0.1')).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
    expect(authorise({ ...program, host: 'localhost:8080' }, 'inference', '127.0.0.1').kind).toBe('allowed');
    expect(authorise({ ...program, host: '[::1]:8080' }, 'inference', '127.0.0.1').kind).toBe('allowed');
  });
});
