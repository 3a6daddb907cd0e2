/** OpenAI's wire: which path means what, and how errors and keep-alives look. */

import { AppError } from '../../../contract/errors.ts';
import type { WireProtocol } from '../../reply.ts';
import { renderError, renderStreamError } from './errors.ts';
import { INFERENCE_ENDPOINTS } from './inference-request.ts';
import type { InferenceEndpoint } from './inference-request.ts';

export const openAi: WireProtocol = {
  renderError,
  renderStreamError,
  // comments are the only keep-alive that every client ignores
  renderKeepAlive: (position) => (position > 0 ? `: queued pos=${position}\n\n` : ': working\n\n'),
};

export type OpenAiRoute =
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly name: string }
  | { readonly kind: 'inference'; readonly endpoint: InferenceEndpoint }
  | { readonly kind: 'error'; readonly error: AppError };

/** `url` is the request's own, query included. Model names may hold slashes. */
export function routeOf(method: string, url: string): OpenAiRoute {
  const path = url.split('?', 1)[0]?.replace(/(.)\/$/, '$1') ?? '';
  const endpoint = INFERENCE_ENDPOINTS.find((known) => known === path);
  if (endpoint !== undefined) return allowed(method, ['POST'], { kind: 'inference', endpoint });
  if (path === '/v1/models') return allowed(method, ['GET', 'HEAD'], { kind: 'models' });
  if (path.startsWith('/v1/models/')) return allowed(method, ['GET', 'HEAD'], modelRoute(path));
  return { kind: 'error', error: new AppError('NOT_FOUND', `there is nothing at ${method} ${path.slice(0, 200)}`) };
}

function modelRoute(path: string): OpenAiRoute {
  try {
    return { kind: 'model', name: decodeURIComponent(path.slice('/v1/models/'.length)) };
  } catch {
    return { kind: 'error', error: new AppError('INVALID_REQUEST', 'the path is not valid percent-encoding') };
  }
}

function allowed(method: string, methods: readonly string[], route: OpenAiRoute): OpenAiRoute {
  if (methods.includes(method)) return route;
  const allow = methods.join(', ');
  return {
    kind: 'error',
    error: new AppError('METHOD_NOT_ALLOWED', `use ${allow} here, not ${method}`, { detail: { allow } }),
  };
}
