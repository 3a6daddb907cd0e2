/** The HTTP side of the gateway: reads a request, hands it on, and ends it when its client has gone. */

import type { IncomingMessage, ServerResponse } from 'node:http';

import { AppError, asAppError } from '../contract/errors.ts';
import { assertNever } from '../kernel/index.ts';
import type { Log } from '../kernel/index.ts';
import { callerOf } from './caller.ts';
import type { Caller } from './caller.ts';
import { estimateCost, estimateUsage } from './fairness.ts';
import type { HeldSlot, HeldSlots } from './held-slots.ts';
import { visibleModels } from './holders.ts';
import type { Holder, Holders } from './holders.ts';
import { nearNames } from './near-names.ts';
import { parseInference } from './protocols/openai/inference-request.ts';
import type { InferenceEndpoint, InferenceRequest } from './protocols/openai/inference-request.ts';
import { describeModel, listModels } from './protocols/openai/models.ts';
import { openAi, routeOf } from './protocols/openai/protocol.ts';
import { refusalError } from './refusals.ts';
import { readBody } from './request-body.ts';
import type { RequestBook, RequestFace, RequestLife } from './request-book.ts';
import { isEnded, NO_USAGE } from './request-state.ts';
import { HttpReply } from './reply.ts';
import { serve } from './serve.ts';
import type { ServeDeps } from './serve.ts';
import type { ModelDirectory } from './types.ts';

export interface FrontDoor {
  handle(request: IncomingMessage, response: ServerResponse, holder: Holder | null): void;
  refuse(response: ServerResponse, error: AppError): void;
  endRequests(isMeant: (face: RequestFace) => boolean, error: AppError): number;
  /** Bytes accepted from engines and not yet taken by readers. */
  bufferedBytes(): number;
}

export interface FrontDoorDeps extends ServeDeps {
  readonly book: RequestBook;
  readonly held: HeldSlots;
  readonly holders: Holders;
  readonly models: ModelDirectory;
  readonly log: Log;
  /** Every request that runs, so that closing ends them. */
  readonly running: Set<AbortController>;
}

interface Visit {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly holder: Holder | null;
}

interface Understood extends Omit<Visit, 'request'> {
  readonly caller: Caller;
  readonly held: HeldSlot | null;
}

export function createFrontDoor(deps: FrontDoorDeps): FrontDoor {
  const { book, limits, models, dispatcher } = deps;
  const replies = new Set<HttpReply>();
  const live = new Map<RequestLife, AbortController>();

  async function route(request: IncomingMessage, response: ServerResponse, holder: Holder | null): Promise<void> {
    const seen = visibleModels(models, holder);
    const found = routeOf(request.method ?? 'GET', request.url ?? '/');
    switch (found.kind) {
      case 'models':
        return sendJson(response, listModels(seen, dispatcher.reports()));
      case 'model': {
        const model = describeModel(found.name, seen, dispatcher.reports());
        return model === null ? refuse(response, unknownModel(found.name, seen)) : sendJson(response, model);
      }
      case 'inference':
        return infer(found.endpoint, { request, response, holder });
      case 'error':
        return refuse(response, found.error);
      default:
        return assertNever(found);
    }
  }

  async function infer(endpoint: InferenceEndpoint, { request, response, holder }: Visit): Promise<void> {
    const caller = callerOf(request.headers, holder?.owner ?? null);
    response.setHeader('x-request-id', caller.requestId);
    const read = await readBody(request, limits.bodyBytes);
    if (read.kind === 'gone') return;
    if (read.kind === 'too-large') return refuseAndHangUp(response, tooLarge(limits.bodyBytes));
    const parsed = parseInference(endpoint, read.body);
    if (parsed.kind === 'invalid') return refuse(response, parsed.error);
    const held = heldSlot(caller, parsed.request);
    if (held.kind === 'unknown') return refuse(response, unknownToken());
    await run(endpoint, parsed.request, { caller, holder, held: held.slot, response });
  }

  async function run(
    endpoint: InferenceEndpoint,
    inference: InferenceRequest,
    { caller, holder, held, response }: Understood,
  ): Promise<void> {
    const { requestId: id, key } = caller;
    const life = book.open({
      id,
      key,
      class: caller.class,
      model: inference.model,
      endpoint,
      stream: inference.stream,
    });
    const stop = new AbortController();
    const reply = new HttpReply({
      response,
      requestId: id,
      receivedAt: life.arrivedAt,
      stream: inference.stream,
      protocol: openAi,
      clock: deps.clock,
      limits,
      position: () => dispatcher.position(id),
      statusSent: (status) => life.statusSent(status),
      onStalled: () => stop.abort(new AppError('ABORTED', 'the client read nothing any more')),
    });
    // not the request's own signal: that one ends when the body has been read
    response.once('close', () => {
      if (!response.writableEnded) stop.abort(new AppError('ABORTED', 'the client left'));
    });
    const totalTimeoutMs = Math.min(caller.deadlineMs ?? Infinity, limits.totalTimeoutMs);
    const { tokensIn, tokensOut } = estimateUsage(inference.body.length, inference.maxTokens);
    const entry = deps.holders.enter(holder, inference.model, tokensIn + tokensOut);
    if (entry.kind === 'refused') return turnAway(life, reply, entry.error);
    const cost = estimateCost(inference.body.length, inference.maxTokens);
    deps.running.add(stop);
    live.set(life, stop);
    replies.add(reply);
    response.once('close', () => replies.delete(reply));
    await serve({ life, path: endpoint, body: inference.body, cost, totalTimeoutMs, held }, reply, stop, deps);
    deps.running.delete(stop);
    live.delete(life);
    entry.permit.end(isEnded(life.state) ? life.state.usage : null);
  }

  /** In the book, so that the holder's requests of an hour can be looked at, refused ones too. */
  function turnAway(life: RequestLife, reply: HttpReply, error: AppError): void {
    reply.fail(error);
    life.apply({ kind: 'failed', at: deps.clock.monotonic(), code: error.code, usage: NO_USAGE });
  }

  /** A slot token opens its own slot; for another model it only says who asks. */
  function heldSlot(
    caller: Caller,
    { model }: InferenceRequest,
  ): { readonly kind: 'known'; readonly slot: HeldSlot | null } | { readonly kind: 'unknown' } {
    if (caller.slotToken === null) return { kind: 'known', slot: null };
    const slot = deps.held.find(caller.slotToken);
    if (slot === null) return { kind: 'unknown' };
    const serves = models.resolve(model)?.instances.some(({ name }) => name === slot.instance) ?? false;
    return { kind: 'known', slot: serves ? slot : null };
  }

  function refuse(response: ServerResponse, error: AppError): void {
    book.countRejected();
    const { status, headers, body } = openAi.renderError(error);
    response.writeHead(status, { ...headers, 'content-length': String(Buffer.byteLength(body)) });
    response.end(body);
  }

  /** The rest of the body is still on its way: the connection cannot be used again. */
  function refuseAndHangUp(response: ServerResponse, error: AppError): void {
    response.setHeader('connection', 'close');
    refuse(response, error);
  }

  return {
    handle(request, response, holder) {
      response.on('error', () => {}); // a client that left is told by `close`
      route(request, response, holder).catch((error: unknown) => {
        deps.log.error({ err: error }, 'the front door failed');
        if (response.headersSent) response.destroy();
        else refuse(response, asAppError(error));
      });
    },
    refuse,
    endRequests(isMeant, error) {
      const meant = [...live].filter(([{ face }]) => isMeant(face));
      for (const [, stop] of meant) stop.abort(error);
      return meant.length;
    },
    bufferedBytes: () => [...replies].reduce((sum, reply) => sum + reply.bufferedBytes, 0),
  };
}

function sendJson(response: ServerResponse, value: unknown): void {
  const body = JSON.stringify(value);
  response.writeHead(200, {
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}

function unknownModel(model: string, models: ModelDirectory): AppError {
  const near = nearNames(
    model,
    models.list().map(({ name }) => name),
  );
  return refusalError({ kind: 'unknown-model', model, near });
}

function tooLarge(limitBytes: number): AppError {
  return new AppError('BODY_TOO_LARGE', `the body is larger than ${limitBytes} bytes`, {
    detail: { limit_bytes: limitBytes },
  });
}

function unknownToken(): AppError {
  return new AppError('UNAUTHORIZED', 'this slot token is not valid any more', {
    hint: 'it ends with the task that it was given to',
  });
}
