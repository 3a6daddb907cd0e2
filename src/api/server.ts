/**
 * The HTTP face of the controller: `/v1` goes to the gateway on the raw request and reply, the agents' link is an
 * upgrade, and everything else is the management API. The same on the unix socket and on TCP, but for who is calling.
 */

import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import fastify from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { AppError } from '../contract/index.ts';
import { authorise } from './auth.ts';
import type { Caller, Scope, Verdict } from './auth.ts';
import type { ApiDeps } from './deps.ts';
import { renderError, toApiError } from './errors.ts';
import { serveDocs } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { isStream, methodsOf } from './route.ts';
import { apiRoutes } from './routes/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
  }
  interface FastifyRequest {
    /** True for a caller on the unix socket. */
    isOperator: boolean;
  }
}

export const AGENT_LINK_PATH = '/v2/agent/link';
const MAX_BODY_BYTES = 32 * 1024 * 1024;
/** Names of tasks carry those of their items. */
const MAX_PARAM_CHARS = 500;

export interface ApiServers {
  /** Not listening yet. */
  readonly socket: Server;
  readonly tcp: Server;
}

/** Builds both servers over one set of routes. Resolves when they can listen. */
export async function createApiServers(deps: ApiDeps): Promise<ApiServers> {
  const callers = new WeakMap<IncomingMessage, Caller>();
  const management = fastify({
    bodyLimit: MAX_BODY_BYTES,
    logger: false,
    trustProxy: false,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: MAX_PARAM_CHARS },
    frameworkErrors: (error, _request, reply) => renderError(reply, toApiError(error)),
  });
  management.decorateRequest('isOperator', false);
  management.addHook('onRequest', async (request) => {
    if (request.is404) return;
    const caller = callers.get(request.raw);
    request.isOperator = caller?.via === 'socket';
    const scope = request.routeOptions.config.scope ?? 'manage';
    if (caller) assertAllowed(authorise(caller, scope, deps.bind));
  });
  management.setErrorHandler((error, _request, reply) => {
    const shown = toApiError(error);
    if (shown.code === 'INTERNAL') deps.log.error({ err: error }, 'request failed');
    return renderError(reply, shown);
  });
  management.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(apiRoutes, new URL(request.url, 'http://localhost').pathname);
    if (methods.length > 0) void reply.header('allow', methods.join(', '));
    return renderError(reply, unknownRoute(request, methods));
  });
  // Bodies of these types are read by their routes, piece by piece.
  for (const media of new Set(apiRoutes.flatMap(({ bodyMedia = [] }) => bodyMedia))) {
    management.addContentTypeParser(media, (_request, payload, done) => done(null, payload));
  }
  registerRoutes(management, deps);
  await management.ready();

  const serve = (via: Caller['via']): Server => {
    const server = createServer((request, response) => {
      const caller = toCaller(request, via);
      callers.set(request, caller);
      if (isInference(request)) serveInference(request, response, caller, deps);
      else management.routing(request, response);
    });
    server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
      if (via === 'socket' && request.url === AGENT_LINK_PATH) deps.hosts.accept(request, stream, head);
      else stream.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
    });
    return server;
  };
  return { socket: serve('socket'), tcp: serve('tcp') };
}

function registerRoutes(app: FastifyInstance, deps: ApiDeps): void {
  for (const route of apiRoutes) {
    app.route({
      method: route.method,
      url: route.path,
      exposeHeadRoute: route.method === 'GET' && !isStream(route),
      config: { scope: route.scope },
      handler: (request, reply) => route.serve(request, reply, deps),
    });
  }
  serveDocs(app, () => openApiDocument(apiRoutes, deps.version));
}

function unknownRoute({ method, url }: FastifyRequest, methods: readonly string[]): AppError {
  if (methods.length === 0) {
    return new AppError('NOT_FOUND', `${method} ${url} is no route of this API`, { hint: 'GET /docs shows them' });
  }
  return new AppError('METHOD_NOT_ALLOWED', `${url} knows no ${method}`, { hint: `use ${methods.join(' or ')}` });
}

function isInference(request: IncomingMessage): boolean {
  const url = request.url ?? '';
  return url === '/v1' || url.startsWith('/v1/') || url.startsWith('/v1?');
}

function serveInference(request: IncomingMessage, response: ServerResponse, caller: Caller, deps: ApiDeps): void {
  const verdict = authorise(caller, 'inference', deps.bind);
  if (verdict.kind === 'allowed') return deps.gateway.handle(request, response, null);
  deps.gateway.refuse(response, new AppError(verdict.code, verdict.message, { hint: verdict.hint }));
}

function assertAllowed(verdict: Verdict): void {
  if (verdict.kind === 'refused') throw new AppError(verdict.code, verdict.message, { hint: verdict.hint });
}

function toCaller(request: IncomingMessage, via: Caller['via']): Caller {
  return {
    via,
    address: request.socket.remoteAddress ?? null,
    host: request.headers.host,
    origin: request.headers.origin,
    fetchSite: single(request.headers['sec-fetch-site']),
  };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
