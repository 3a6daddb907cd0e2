/** The worker's HTTP face: one route table, the key, and what is said while the model loads. */

import { timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';

import { ApiError, asApiError } from '../api-error.ts';
import { send, sendJson } from '../http.ts';
import type { ReadyEngine } from '../ready-engine.ts';
import { complete } from './completions.ts';
import { idleSlots, metricsText, modelsBody, propsBody, slotsBody } from './inspection.ts';
import { completeNative, infill } from './native-completions.ts';
import { applyTemplateRoute, chatTokensRoute, detokenizeRoute, embeddingsRoute, tokenizeRoute } from './text-routes.ts';

export type EngineState =
  | { readonly kind: 'loading'; readonly progress: number }
  | { readonly kind: 'ready'; readonly engine: ReadyEngine };

/** What the server needs of the process around it. */
interface EnginePort {
  readonly key: string | null;
  state(): EngineState;
  /** Ends the process in an orderly way. */
  shutDown(): void;
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly engine: ReadyEngine;
  readonly url: URL;
}

type Route = (call: Call) => void | Promise<void>;

const json =
  (bodyOf: (call: Call) => object | Promise<object>): Route =>
  async (call) =>
    sendJson(call.response, 200, await bodyOf(call));

const health: Route = json(() => ({ status: 'ok' }));
const models: Route = json(({ engine }) => modelsBody(engine));

const ROUTES: Readonly<Record<string, Route>> = {
  'GET /health': health,
  'GET /v1/health': health,
  'GET /models': models,
  'GET /v1/models': models,
  'GET /props': json(({ engine }) => propsBody(engine)),
  'GET /slots': slots,
  'GET /metrics': ({ response, engine }) => send(response, 200, 'text/plain; version=0.0.4', metricsText(engine)),
  'POST /v1/chat/completions': ({ request, response, engine }) => complete('chat', request, response, engine),
  'POST /chat/completions': ({ request, response, engine }) => complete('chat', request, response, engine),
  'POST /v1/chat/completions/input_tokens': json(({ request, engine }) => chatTokensRoute(request, engine)),
  'POST /v1/completions': ({ request, response, engine }) => complete('text', request, response, engine),
  'POST /completion': ({ request, response, engine }) => completeNative(request, response, engine),
  'POST /completions': ({ request, response, engine }) => completeNative(request, response, engine),
  'POST /infill': ({ request, response, engine }) => infill(request, response, engine),
  'POST /v1/rerank': noReranking,
  'POST /rerank': noReranking,
  'POST /v1/embeddings': json(({ request, engine }) => embeddingsRoute(request, engine)),
  'POST /execute': ({ request, response, engine }) => engine.jobs.execute(request, response, engine),
  'POST /cancel': ({ request, response, engine }) => engine.jobs.cancel(request, response),
  'POST /embeddings': json(({ request, engine }) => embeddingsRoute(request, engine)),
  'POST /tokenize': json(({ request, engine }) => tokenizeRoute(request, engine)),
  'POST /detokenize': json(({ request, engine }) => detokenizeRoute(request, engine)),
  'POST /apply-template': json(({ request, engine }) => applyTemplateRoute(request, engine)),
};

function noReranking(): never {
  throw new ApiError(
    'not_supported_error',
    'the embedded engine does not rerank; a llama-server with "--reranking" does',
  );
}

/** Answered without the key, as llama-server does. */
const PUBLIC = new Set(['/health', '/v1/health', '/models', '/v1/models']);

function slots({ response, engine, url }: Call): void {
  if (url.searchParams.has('fail_on_no_slot') && idleSlots(engine) === 0) {
    throw new ApiError('unavailable_error', 'no slot available');
  }
  sendJson(response, 200, slotsBody(engine));
}

/** A server that asks for the state at every call; it is not listening yet. */
export function createEngineServer(port: EnginePort): Server {
  const server = createServer((request, response) => {
    answer(request, response, port).catch((error: unknown) => {
      const known = asApiError(error);
      sendJson(response, known.status, known.toBody());
    });
  });
  server.requestTimeout = 0; // a long prompt over a slow line is no attack on a loopback engine
  return server;
}

async function answer(request: IncomingMessage, response: ServerResponse, port: EnginePort): Promise<void> {
  const url = readUrl(request);
  if (!PUBLIC.has(url.pathname)) checkKey(request, port.key);
  if (request.method === 'POST' && url.pathname === '/shutdown') {
    sendJson(response, 202, { stopping: true });
    return port.shutDown();
  }
  const state = port.state();
  if (state.kind === 'loading') {
    throw new ApiError('unavailable_error', 'Loading model', { progress: Math.round(state.progress * 100) / 100 });
  }
  const route = ROUTES[`${request.method} ${url.pathname}`];
  if (route === undefined) throw new ApiError('not_found_error', 'File Not Found');
  await route({ request, response, engine: state.engine, url });
}

function readUrl({ url = '/' }: IncomingMessage): URL {
  if (URL.canParse(url, 'http://engine')) return new URL(url, 'http://engine');
  throw new ApiError('invalid_request_error', 'the path is malformed');
}

function checkKey(request: IncomingMessage, key: string | null): void {
  if (key === null) return;
  const given = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? request.headers['x-api-key'];
  if (typeof given === 'string' && sameText(given, key)) return;
  throw new ApiError('authentication_error', 'Invalid API Key');
}

function sameText(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
