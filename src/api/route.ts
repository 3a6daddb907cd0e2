/**
 * What a route of the API is: one object that says what it takes, what it answers, who may call it and how it can fail.
 * Requests are read by it and the OpenAPI document is written from it. Knows no route.
 */

import { Readable } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';

import { AppError } from '../contract/index.ts';
import type { ErrorCode } from '../contract/index.ts';
import type { Scope } from './auth.ts';
import type { ApiDeps } from './deps.ts';

/** Parts of the document, in its order. */
export const TAGS = {
  instances: 'Engines under supervision',
  models: 'The catalogue of models',
  plans: 'Plans that have a name',
  batches: 'Executions of plans, and their tasks',
  escalations: 'What the brain asks of those above it',
  training: 'What models were asked and answered, to train on',
  facts: 'What has happened, and what happens',
  requests: 'Requests at the front door',
  tasks: 'Inference tasks that survive their connection, their sessions, and artifacts',
  keys: 'Keys of the front door',
  daemon: 'The daemon, its devices, engines and queue',
} as const;

/** A request as its route has read it. */
export interface Call<Params, Query, Body> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** One successful answer; what has no schema is sent as text or as a stream. With both, the caller chooses. */
export interface Answer {
  readonly about: string;
  readonly schema?: z.ZodType;
  /** Beside the `application/json` of a schema. */
  readonly media?: readonly string[];
}

interface RouteOutline {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With its parameters as `:name`. */
  readonly path: string;
  readonly tag: keyof typeof TAGS;
  readonly summary: string;
  readonly description?: string;
  readonly scope: Scope;
  readonly answers: Readonly<Record<number, Answer>>;
  /** Of a body that is no JSON and is read as a stream. */
  readonly bodyMedia?: string;
  /** Beyond those that every route of its kind has. */
  readonly errors?: readonly ErrorCode[];
}

interface RouteShape<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType> extends RouteOutline {
  readonly params?: P;
  readonly query?: Q;
  /** Headers that mean something here. */
  readonly headers?: z.ZodObject;
  readonly body?: B;
  /** Shown in place of `body`, where the owner reads the body and tells more about its faults. */
  readonly shownBody?: z.ZodType;
  handle(call: Call<z.output<P>, z.output<Q>, z.output<B>>, deps: ApiDeps): unknown;
}

export interface Route extends RouteOutline {
  readonly params?: z.ZodType;
  readonly query?: z.ZodType;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly shownBody?: z.ZodType;
  /** Reads the request, rejects with a ZodError when it is not as declared, and answers. */
  serve(request: FastifyRequest, reply: FastifyReply, deps: ApiDeps): Promise<unknown>;
}

export function defineRoute<P extends z.ZodType, Q extends z.ZodType, B extends z.ZodType>(
  shape: RouteShape<P, Q, B>,
): Route {
  return {
    ...shape,
    async serve(request, reply, deps) {
      if (shape.bodyMedia !== undefined) expectStream(shape.bodyMedia, request);
      return shape.handle(
        {
          params: read(shape.params, request.params),
          query: read(shape.query, request.query),
          body: read(shape.body, request.body ?? {}),
          request,
          reply,
        },
        deps,
      );
    },
  };
}

/** A body of another type was read by its own parser, or not at all. */
function expectStream(media: string, { body }: FastifyRequest): void {
  if (body instanceof Readable) return;
  const message = `the body of this request must be ${media}`;
  throw new AppError('UNSUPPORTED_MEDIA_TYPE', message, { hint: `send it with content-type: ${media}` });
}

/** Without a schema nothing is declared, and the handler's type lets it touch nothing. */
function read<T extends z.ZodType>(schema: T | undefined, value: unknown): z.output<T> {
  return schema?.parse(value) as z.output<T>;
}

/** True for an answer that goes on while it is sent. */
export function isStream(route: Route): boolean {
  return route.answers[200]?.media !== undefined;
}

/** The methods that a path knows; empty for an unknown one. */
export function methodsOf(routes: readonly Route[], path: string): readonly string[] {
  const methods = routes.filter((route) => patternOf(route.path).test(path)).map(({ method }) => method);
  return [...new Set<string>(methods)];
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}/?$`);
}
