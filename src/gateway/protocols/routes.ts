/** Which path of the front door means what, in every protocol that it speaks. Pure. */

import { AppError } from '../../contract/errors.ts';
import { anthropicWire } from './anthropic/wire.ts';
import type { WireProtocol } from './call.ts';
import { NATIVE_COMPLETIONS, STATE_ENDPOINTS, TEXT_ENDPOINTS } from './llama-cpp/request.ts';
import type { NativeCompletion, StateEndpoint, TextEndpoint } from './llama-cpp/request.ts';
import { llamaCppWire } from './llama-cpp/wire.ts';
import { ollamaErrors } from './ollama/wire.ts';
import { INFERENCE_ENDPOINTS } from './openai/inference-request.ts';
import type { InferenceEndpoint } from './openai/inference-request.ts';
import { MULTIPART_ENDPOINTS } from './openai/multipart.ts';
import type { MultipartEndpoint } from './openai/multipart.ts';
import { openAi } from './openai/protocol.ts';

/** A request that takes a slot of an engine. */
export type TalkRoute =
  | { readonly kind: 'openai'; readonly endpoint: InferenceEndpoint }
  | { readonly kind: 'multipart'; readonly endpoint: MultipartEndpoint }
  | { readonly kind: 'responses' }
  | { readonly kind: 'messages' }
  | { readonly kind: 'native'; readonly endpoint: NativeCompletion }
  | { readonly kind: 'ollama'; readonly shape: 'chat' | 'generate' | 'embed' | 'embeddings' };

/** A request about text or models, which an engine answers beside its slots, or none at all. */
export type PageRoute =
  | { readonly kind: 'models' }
  | { readonly kind: 'model'; readonly name: string }
  /** Of LM Studio's API. */
  | { readonly kind: 'studio-models' }
  | { readonly kind: 'studio-model'; readonly name: string }
  | { readonly kind: 'count-tokens' }
  | { readonly kind: 'text'; readonly endpoint: TextEndpoint }
  | { readonly kind: 'state'; readonly endpoint: StateEndpoint }
  | { readonly kind: 'ollama-page'; readonly page: OllamaPage }
  | { readonly kind: 'error'; readonly error: AppError };

export type OllamaPage = 'root' | 'tags' | 'ps' | 'version' | 'show' | 'unsupported';

type FrontRoute = TalkRoute | PageRoute;

interface Place {
  readonly methods: readonly string[];
  readonly route: FrontRoute;
}

const READ = ['GET', 'HEAD'];
const ASK = ['POST'];
const STUDIO_MODELS = '/api/v0/models';

const PLACES: ReadonlyMap<string, Place> = new Map<string, Place>([
  ...INFERENCE_ENDPOINTS.map((endpoint) => place(endpoint, ASK, { kind: 'openai', endpoint })),
  ...MULTIPART_ENDPOINTS.map((endpoint) => place(endpoint, ASK, { kind: 'multipart', endpoint })),
  ...NATIVE_COMPLETIONS.map((endpoint) => place(endpoint, ASK, { kind: 'native', endpoint })),
  ...TEXT_ENDPOINTS.map((endpoint) => place(endpoint, ASK, { kind: 'text', endpoint })),
  ...STATE_ENDPOINTS.map((endpoint) => place(endpoint, READ, { kind: 'state', endpoint })),
  ...(['chat', 'generate', 'embed', 'embeddings'] as const).map((shape) =>
    place(`/api/${shape}`, ASK, { kind: 'ollama', shape }),
  ),
  place('/v1/models', READ, { kind: 'models' }),
  place('/v1/responses', ASK, { kind: 'responses' }),
  place('/v1/messages', ASK, { kind: 'messages' }),
  place('/v1/messages/count_tokens', ASK, { kind: 'count-tokens' }),
  // as other servers name them
  place('/rerank', ASK, { kind: 'openai', endpoint: '/v1/rerank' }),
  place('/v2/rerank', ASK, { kind: 'openai', endpoint: '/v1/rerank' }),
  place('/v1/reranking', ASK, { kind: 'openai', endpoint: '/v1/rerank' }),
  place('/completions', ASK, { kind: 'native', endpoint: '/completion' }),
  place('/', READ, { kind: 'ollama-page', page: 'root' }),
  place('/api/tags', READ, { kind: 'ollama-page', page: 'tags' }),
  place('/api/ps', READ, { kind: 'ollama-page', page: 'ps' }),
  place('/api/version', READ, { kind: 'ollama-page', page: 'version' }),
  place('/api/show', ASK, { kind: 'ollama-page', page: 'show' }),
  place(STUDIO_MODELS, READ, { kind: 'studio-models' }),
  ...['create', 'copy', 'push'].map((name) => place(`/api/${name}`, ASK, { kind: 'ollama-page', page: 'unsupported' })),
]);

function place(path: string, methods: readonly string[], route: FrontRoute): readonly [string, Place] {
  return [path, { methods, route }];
}

/** `url` is the request's own, query included. Model names may hold slashes. */
export function routeOf(method: string, url: string): FrontRoute {
  const path = pathOf(url);
  const known = PLACES.get(path);
  if (known !== undefined) return allowed(method, known.methods, known.route);
  if (path.startsWith('/v1/models/')) return allowed(method, READ, namedRoute('model', path, '/v1/models/'));
  if (path.startsWith(`${STUDIO_MODELS}/`)) {
    return allowed(method, READ, namedRoute('studio-model', path, `${STUDIO_MODELS}/`));
  }
  return { kind: 'error', error: new AppError('NOT_FOUND', `there is nothing at ${method} ${path.slice(0, 200)}`) };
}

/** Paths of Ollama that change the catalogue. */
const MANAGEMENT = new Set(['/api/pull', '/api/delete']);

/** Whether the front door answers there; all else is the management API. */
export function isFrontDoorPath(url: string): boolean {
  const path = pathOf(url);
  if (MANAGEMENT.has(path)) return false;
  return PLACES.has(path) || path === '/v1' || path.startsWith('/v1/') || path.startsWith('/api/');
}

/** How the clients of a path want to hear of errors. */
export function wireOf(url: string): WireProtocol {
  const path = pathOf(url);
  if (path === '/v1/messages' || path.startsWith('/v1/messages/')) return anthropicWire;
  if (path.startsWith('/api/') && !path.startsWith(STUDIO_MODELS)) return ollamaErrors;
  return /^\/(?:v[12]|api\/v0)\b/.test(path) ? openAi : llamaCppWire;
}

/** The model that the query names; null when it names none. */
export function queriedModel(url: string): string | null {
  const at = url.indexOf('?');
  return at === -1 ? null : new URLSearchParams(url.slice(at)).get('model');
}

function pathOf(url: string): string {
  return url.split('?', 1)[0]?.replace(/(.)\/$/, '$1') ?? '';
}

function namedRoute(kind: 'model' | 'studio-model', path: string, below: string): FrontRoute {
  try {
    return { kind, name: decodeURIComponent(path.slice(below.length)) };
  } catch {
    return { kind: 'error', error: new AppError('INVALID_REQUEST', 'the path is not valid percent-encoding') };
  }
}

function allowed(method: string, methods: readonly string[], route: FrontRoute): FrontRoute {
  if (methods.includes(method)) return route;
  const allow = methods.join(', ');
  return {
    kind: 'error',
    error: new AppError('METHOD_NOT_ALLOWED', `use ${allow} here, not ${method}`, { detail: { allow } }),
  };
}
