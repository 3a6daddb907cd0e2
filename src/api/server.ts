/**
 * The HTTP face of the controller: the paths of the inference protocols go to the gateway on the raw request and reply, the agents' link is an
 * upgrade, and everything else is the management API. The same on the unix socket and on TCP, but for who is calling.
 */

import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

import fastify from 'fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';

import { AppError } from '../contract/index.ts';
import type { ErrorCode } from '../contract/index.ts';
import { isFrontDoorPath } from '../gateway/index.ts';
import { DEEPEST, isTooDeep } from '../kernel/index.ts';
import { actorName, holderOf } from './actor.ts';
import type { Actor } from './actor.ts';
import { recordCall } from './audit.ts';
import type { AuditedCall } from './audit.ts';
import { authorise } from './auth.ts';
import type { Caller, Scope, Verdict } from './auth.ts';
import { toCaller } from './caller.ts';
import { answerCors } from './cors.ts';
import type { ApiDeps } from './deps.ts';
import { renderError, toApiError } from './errors.ts';
import { frontDoorScope } from './front-door-scopes.ts';
import { createHttpServer, MAX_BODY_BYTES } from './http-server.ts';
import { serveDocs } from './docs-page.ts';
import { openApiDocument } from './openapi.ts';
import { isStream, methodsOf } from './route.ts';
import { apiRoutes } from './routes/index.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    scope?: Scope;
  }
  interface FastifyRequest {
    /** Who calls; known before a route is asked. */
    actor: Actor;
    /** Of the error that was answered. */
    errorCode: ErrorCode | null;
  }
}

const AGENT_LINK_PATH = '/v2/agent/link';
/** Names of tasks carry those of their items. */
const MAX_PARAM_CHARS = 500;
const LONGEST_AUDITED_PATH = 500;

interface ApiServers {
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
  management.decorateRequest('actor');
  management.decorateRequest('errorCode', null);
  management.addHook('onRequest', async (request) => {
    const caller = callers.get(request.raw);
    if (caller === undefined) throw new AppError('UNAUTHORIZED', 'nobody is known to call');
    request.actor = admitted(authorise(caller, scopeOf(request), deps.door()));
  });
  management.addHook('preValidation', async (request) => {
    if (isJson(request) && isTooDeep(request.body)) {
      throw new AppError('INVALID_REQUEST', `the body is nested deeper than ${DEEPEST} levels`);
    }
  });
  management.addHook('onSend', async (request, reply) => {
    if (isAudited(request)) await recordCall(callOf(request, reply.statusCode), deps);
  });
  management.setErrorHandler((error, _request, reply) => {
    const shown = toApiError(error);
    if (shown.code === 'INTERNAL') deps.log.error({ err: error }, 'request failed');
    return renderError(reply, shown);
  });
  management.setNotFoundHandler((request, reply) => {
    const methods = methodsOf(apiRoutes, request.url.split('?', 1)[0] ?? '');
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
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      if (via === 'tcp' && answerCors(request, response, deps.door().origins)) return;
      const caller = toCaller(request, via, deps);
      if (isFrontDoorPath(request.url ?? '/')) return serveInference(request, response, caller, deps);
      callers.set(request, caller);
      management.routing(request, response);
    };
    const { limits, clock } = deps;
    const takeUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): boolean => {
      const isAgent = via === 'socket' && request.url === AGENT_LINK_PATH;
      if (isAgent) deps.hosts.accept(request, stream, head);
      return isAgent;
    };
    return createHttpServer(listener, { limits, clock, tls: via === 'tcp' ? deps.tls : null, takeUpgrade });
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

function serveInference(request: IncomingMessage, response: ServerResponse, caller: Caller, deps: ApiDeps): void {
  const verdict = authorise(caller, frontDoorScope(request.method, request.url), deps.door());
  if (verdict.kind === 'refused') {
    deps.gateway.refuse(response, new AppError(verdict.code, verdict.message, { hint: verdict.hint }));
  } else {
    deps.gateway.handle(request, response, holderOf(verdict.actor));
  }
}

/** Other bodies are streams. */
function isJson({ headers }: FastifyRequest): boolean {
  return headers['content-type']?.startsWith('application/json') ?? false;
}

/** A path that no route has is told so only to whoever may do anything here. */
function scopeOf(request: FastifyRequest): Scope {
  return request.is404 ? 'any' : (request.routeOptions.config.scope ?? 'manage');
}

function admitted(verdict: Verdict): Actor {
  if (verdict.kind === 'allowed') return verdict.actor;
  throw new AppError(verdict.code, verdict.message, { hint: verdict.hint });
}

/** Refused callers leave no trace that grows. */
function isAudited(request: FastifyRequest): boolean {
  const admittedToo = (request.actor as Actor | undefined) !== undefined; // not before the hook has run
  return admittedToo && !request.is404 && scopeOf(request) === 'manage' && request.method !== 'GET';
}

function callOf(request: FastifyRequest, status: number): AuditedCall {
  const path = request.url.split('?', 1)[0]?.slice(0, LONGEST_AUDITED_PATH) ?? '';
  return { actor: actorName(request.actor), method: request.method, path, status, code: request.errorCode };
}
