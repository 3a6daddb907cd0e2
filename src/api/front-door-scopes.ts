/**
 * What scope a call of inference needs. The gateway's protocols have their routes by themselves; who may use them is
 * said here. What is not named under a path of the front door needs scope inference. Pure.
 */

import type { Scope } from './auth.ts';

/** Names of models and of what serves them; the answer holds those that the key may ask for. */
const LISTS = new Set([
  'GET /v1/models',
  'HEAD /v1/models',
  'HEAD /',
  'GET /',
  'GET /api/tags',
  'GET /api/ps',
  'GET /api/version',
  'POST /api/show',
  'GET /api/v0/models',
  'HEAD /api/v0/models',
]);
/** They change the catalogue. */
const CHANGES = new Set(['POST /api/push', 'POST /api/create', 'POST /api/copy', 'POST /props']);

export function frontDoorScope(method = 'GET', url = '/'): Scope {
  const path = (url.split('?', 1)[0] ?? '').replace(/(.)\/$/, '$1');
  const asked = `${method} ${path}`;
  if (LISTS.has(asked) || (/^\/(?:v1|api\/v0)\/models\//.test(path) && method !== 'POST')) return 'any';
  return CHANGES.has(asked) ? 'manage' : 'inference';
}
