import { describe, expect, test } from 'vitest';

import type { KeyRecord } from '../store/index.ts';
import { authorise } from './auth.ts';
import type { Caller, DoorRules, Scope } from './auth.ts';

const program: Caller = {
  via: 'tcp',
  address: '127.0.0.1',
  host: '127.0.0.1:8080',
  origin: undefined,
  fetchSite: undefined,
  credential: { kind: 'none' },
};
const open: DoorRules = { bind: '127.0.0.1', origins: [], keysRequired: false };
const closed: DoorRules = { ...open, keysRequired: true };
const wide: DoorRules = { ...closed, bind: '0.0.0.0' };

function holding(...scopes: KeyRecord['scopes']): Caller {
  const key = { id: 'k1', scopes } as unknown as KeyRecord; // all else does not matter at the door
  return { ...program, credential: { kind: 'key', key } };
}

function answersOf(caller: Caller, door: DoorRules): string[] {
  const scopes: Scope[] = ['open', 'any', 'read', 'inference', 'manage'];
  return scopes.filter((scope) => authorise(caller, scope, door).kind === 'allowed');
}

describe('who may do what', () => {
  test('the unix socket is the operator, whatever is asked for at the door', () => {
    expect(authorise({ ...program, via: 'socket', address: null }, 'manage', closed)).toEqual({
      kind: 'allowed',
      actor: { kind: 'operator' },
    });
  });

  test('where no key is asked for, a program on this machine may read and infer, and change nothing', () => {
    expect(answersOf(program, open)).toEqual(['open', 'any', 'read', 'inference']);
    expect(authorise(program, 'manage', open)).toMatchObject({ code: 'FORBIDDEN' });
    expect(answersOf({ ...program, credential: { kind: 'foreign' } }, open)).toContain('inference');
  });

  test('where one is asked for, only liveness is told without', () => {
    expect(answersOf(program, closed)).toEqual(['open']);
    expect(authorise(program, 'read', closed)).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(answersOf({ ...program, credential: { kind: 'foreign' } }, closed)).toEqual(['open']);
  });

  test('a key may do what its scopes say, and one of scope manage everything', () => {
    expect(answersOf(holding('inference'), closed)).toEqual(['open', 'any', 'inference']);
    expect(answersOf(holding('read'), closed)).toEqual(['open', 'any', 'read']);
    expect(answersOf(holding('manage'), closed)).toEqual(['open', 'any', 'read', 'inference', 'manage']);
    expect(authorise(holding('inference'), 'manage', closed)).toMatchObject({ code: 'FORBIDDEN' });
    expect(authorise(holding('read'), 'inference', closed)).toMatchObject({
      hint: expect.stringContaining('a key of scope inference') as string,
    });
  });

  test('a void key is refused also where none is asked for', () => {
    const caller: Caller = { ...program, credential: { kind: 'void', why: 'revoked' } };

    expect(authorise(caller, 'read', open)).toMatchObject({ code: 'UNAUTHORIZED', message: 'this key was revoked' });
  });

  test('the token of a task asks models and does nothing else', () => {
    expect(answersOf({ ...program, credential: { kind: 'slot' } }, closed)).toEqual(['open', 'any', 'inference']);
  });

  test('a caller from another machine comes in with a key alone', () => {
    const far = { address: '192.0.2.7', host: 'gpu.example:8080' };

    expect(authorise({ ...program, ...far }, 'read', wide)).toMatchObject({ code: 'UNAUTHORIZED' });
    expect(authorise({ ...holding('read'), ...far }, 'read', wide).kind).toBe('allowed');
  });
});

describe('pages', () => {
  test('of another origin are refused, that of the door is not', () => {
    const page = { ...program, origin: 'http://127.0.0.1:8080', fetchSite: 'same-origin' };

    expect(authorise(page, 'read', open).kind).toBe('allowed');
    expect(authorise({ ...page, origin: 'http://evil.example' }, 'read', open)).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
    expect(authorise({ ...program, fetchSite: 'cross-site' }, 'open', open)).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
    expect(authorise({ ...page, origin: 'null' }, 'read', open)).toMatchObject({ code: 'ORIGIN_FORBIDDEN' });
  });

  test('of an origin in the settings may call', () => {
    const page = { ...program, origin: 'https://chat.example', fetchSite: 'cross-site' };

    expect(authorise(page, 'inference', { ...open, origins: ['https://chat.example'] }).kind).toBe('allowed');
    expect(authorise(page, 'inference', { ...open, origins: ['https://other.example'] })).toMatchObject({
      code: 'ORIGIN_FORBIDDEN',
    });
  });

  test.each(['rebound.example:8080', '127.rebound.example:8080', '127.0.0.1.rebound.example'])(
    'a name that resolves to this machine, such as %s, is refused',
    (host) => {
      expect(authorise({ ...program, host }, 'inference', open)).toMatchObject({ code: 'ORIGIN_FORBIDDEN' });
      expect(authorise({ ...holding('manage'), host }, 'inference', closed)).toMatchObject({
        code: 'ORIGIN_FORBIDDEN',
      });
    },
  );

  test.each(['localhost:8080', '[::1]:8080', '127.0.0.2', undefined])('%s is a name of this machine', (host) => {
    expect(authorise({ ...program, host }, 'inference', open).kind).toBe('allowed');
  });
});
