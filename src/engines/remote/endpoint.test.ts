import { expect, test } from 'vitest';

import { makeSpec } from '../../../test/support/make-spec.ts';
import { endpoint } from './endpoint.ts';
import { remoteEngine } from './engine.ts';

const engine = { kind: 'remote' as const, url: 'https://far.example/llm/v1/' };

test.each([
  ['http://far:8080', 'http://far:8080'],
  ['http://far:8080/v1', 'http://far:8080'],
  ['https://far/llm/v1/', 'https://far/llm'],
  ['https://far/', 'https://far'],
])('%s begins at %s', (url, base) => {
  expect(endpoint(makeSpec({ engine: { ...engine, url } }), {})).toEqual({ url: base, key: null });
});

test('the key is read from its variable; the config’s env counts over the daemon’s', () => {
  const spec = makeSpec({ engine: { ...engine, keyEnv: 'FAR_KEY' } });

  expect(endpoint(spec, { FAR_KEY: 'theirs' }).key).toBe('theirs');
  expect(endpoint({ ...spec, env: { FAR_KEY: 'ours' } }, { FAR_KEY: 'theirs' }).key).toBe('ours');
});

test('a variable that is not set is an error that names it', () => {
  const spec = makeSpec({ engine: { ...engine, keyEnv: 'FAR_KEY' } });

  expect(() => endpoint(spec, {})).toThrow(
    expect.objectContaining({ code: 'CONFIG_INVALID', message: expect.stringContaining('FAR_KEY') }) as Error,
  );
});

test('a key in the config serves without a variable', () => {
  expect(endpoint(makeSpec({ engine, server: { key: 'written' } }), {}).key).toBe('written');
});

test('requests name the model as the server knows it, and a refused key is said in words', () => {
  expect(remoteEngine.servedModel(makeSpec({ engine, model: { id: 'big', path: 'big' } }), null)).toBe('big');
  expect(remoteEngine.classifyHealth({ kind: 'response', status: 401, body: '' })).toEqual({
    health: 'error',
    detail: 'HTTP 401: the key is refused',
  });
});

test('offline no other machine is called', () => {
  const here = makeSpec({ engine: { ...engine, url: 'http://127.0.0.1:9/v1' } });

  expect(() => endpoint(makeSpec({ engine }), { DROVER_OFFLINE: '1' })).toThrow(
    expect.objectContaining({ code: 'OFFLINE' }) as Error,
  );
  expect(endpoint(here, { DROVER_OFFLINE: '1' }).url).toBe('http://127.0.0.1:9');
});
