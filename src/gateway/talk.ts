/** Requests that take a slot: read, understood, let in, and served until they end or their client has gone. */

import { AppError } from '../contract/errors.ts';
import { assertNever, isoTime } from '../kernel/index.ts';
import type { Caller } from './caller.ts';
import type { EngineReach } from './engine-reach.ts';
import { estimateCost, estimateUsage } from './fairness.ts';
import type { HeldSlot, HeldSlots } from './held-slots.ts';
import type { Holders } from './holders.ts';
import type { KeptBodies } from './kept-bodies.ts';
import { hintsOf } from './placement-hints.ts';
import { parseMessages } from './protocols/anthropic/request.ts';
import type { ClientCall, Wait } from './protocols/call.ts';
import { parseNative } from './protocols/llama-cpp/request.ts';
import { parseOllama } from './protocols/ollama/request.ts';
import type { ParsedOllama } from './protocols/ollama/request.ts';
import { parseInference } from './protocols/openai/inference-request.ts';
import { parseMultipart } from './protocols/openai/multipart.ts';
import { parseResponses } from './protocols/responses/request.ts';
import { queriedModel } from './protocols/routes.ts';
import type { TalkRoute } from './protocols/routes.ts';
import type { RequestBook, RequestFace, RequestLife } from './request-book.ts';
import { isEnded, NO_USAGE } from './request-state.ts';
import { HttpReply } from './reply.ts';
import { serve } from './serve.ts';
import type { ServeDeps } from './serve.ts';
import type { ModelDirectory } from './types.ts';
import { bodyOf, sendJson, usualModel } from './visit.ts';
import type { Visit } from './visit.ts';

export interface Talk {
  /** Rejects with the AppError that refuses the request before it is one. */
  answer(route: TalkRoute, visit: Visit): Promise<void>;
  /** Ends what runs, as far as it is meant; answers how many. */
  endRequests(isMeant: (face: RequestFace) => boolean, error: AppError): number;
  /** Bytes accepted from engines and not yet taken by readers. */
  bufferedBytes(): number;
}

export interface TalkDeps extends ServeDeps {
  readonly book: RequestBook;
  readonly held: HeldSlots;
  readonly holders: Holders;
  readonly models: ModelDirectory;
  readonly reach: EngineReach;
  readonly bodies: KeptBodies;
  /** Every request that runs, so that closing ends them. */
  readonly running: Set<AbortController>;
}

interface Understood extends Omit<Visit, 'request'> {
  readonly held: HeldSlot | null;
  readonly endpoint: string;
  readonly body: Buffer;
  /** When it had been read, monotonic milliseconds. */
  readonly receivedAt: number;
}

export function createTalk(deps: TalkDeps): Talk {
  const { book, limits, models, dispatcher, clock } = deps;
  const replies = new Set<HttpReply>();
  const live = new Map<RequestLife, AbortController>();

  async function answer(route: TalkRoute, visit: Visit): Promise<void> {
    const { request, response, holder, caller } = visit;
    const body = await bodyOf(visit, limits.bodyBytes);
    if (body === null) return;
    const receivedAt = clock.monotonic();
    const parsed = parse(route, body, visit);
    if (parsed.kind === 'invalid') throw parsed.error;
    if (parsed.kind === 'load') {
      await deps.reach(parsed.model, visit);
      return sendJson(response, parsed.answer);
    }
    const endpoint = (request.url ?? '/').split('?', 1)[0] ?? '/';
    const held = heldSlot(caller, parsed.call);
    await run(parsed.call, { caller, holder, held, response, endpoint, body, receivedAt });
  }

  function parse(route: TalkRoute, body: Buffer, { request }: Visit): ParsedOllama {
    const now = clock.now();
    const seconds = Math.floor(now / 1_000);
    switch (route.kind) {
      case 'openai':
        return parseInference(route.endpoint, body, seconds);
      case 'multipart':
        return parseMultipart(route.endpoint, body, request.headers['content-type'] ?? '');
      case 'responses':
        return parseResponses(body, seconds);
      case 'messages':
        return parseMessages(body);
      case 'native':
        return parseNative(route.endpoint, body, queriedModel(request.url ?? '/') ?? usual());
      case 'ollama':
        return parseOllama(route.shape, body, isoTime(now));
      default:
        return assertNever(route);
    }
  }

  function usual(): string | null {
    return usualModel(models, (name) => dispatcher.reports().get(name)?.state === 'ready');
  }

  async function run(call: ClientCall, understood: Understood): Promise<void> {
    const { caller, holder, held, response, endpoint, body, receivedAt } = understood;
    const { requestId: id, key, traceparent } = caller;
    const { model, stream } = call;
    const life = book.open({ id, key, class: caller.class, model, endpoint, stream, traceparent });
    const stop = new AbortController();
    const reply = new HttpReply({
      response,
      requestId: id,
      receivedAt,
      stream,
      protocol: call.wire,
      clock,
      limits,
      wait: () => waitOf(id, call.model),
      headSent: (head) => life.headSent(head),
      onBytes: deps.bodies.begin(id, body),
      onStalled: () => stop.abort(new AppError('ABORTED', 'the client read nothing any more')),
    });
    // not the request's own signal: that one ends when the body has been read
    response.once('close', () => {
      if (!response.writableEnded) stop.abort(new AppError('ABORTED', 'the client left'));
    });
    const totalTimeoutMs = Math.min(caller.deadlineMs ?? Infinity, limits.totalTimeoutMs);
    const { tokensIn, tokensOut } = estimateUsage(body.length, call.maxTokens);
    const entry = deps.holders.enter(holder, call.model, tokensIn + tokensOut);
    if (entry.kind === 'refused') return turnAway(life, reply, entry.error);
    const cost = estimateCost(body.length, call.maxTokens);
    const hints = hintsOf(response.req.headers, call.conversation);
    deps.running.add(stop);
    live.set(life, stop);
    replies.add(reply);
    response.once('close', () => replies.delete(reply));
    await serve({ life, call, cost, totalTimeoutMs, held, hints }, reply, stop, deps);
    deps.running.delete(stop);
    live.delete(life);
    entry.permit.end(isEnded(life.state) ? life.state.usage : null);
  }

  /** By what requests of the model took lately, on the slots that it has now. */
  function waitOf(id: string, model: string): Wait {
    const position = dispatcher.position(id);
    const serviceMs = dispatcher.serviceMs(model);
    const { slots } = dispatcher.capacity(model, new Set());
    return { position, etaMs: serviceMs === null ? null : Math.ceil((position * serviceMs) / Math.max(1, slots)) };
  }

  /** In the book, so that the holder's requests of an hour can be looked at, refused ones too. */
  function turnAway(life: RequestLife, reply: HttpReply, error: AppError): void {
    reply.fail(error);
    life.apply({ kind: 'failed', at: clock.monotonic(), code: error.code, usage: NO_USAGE });
  }

  /** A slot token opens its own slot; for another model it only says who asks. */
  function heldSlot(caller: Caller, { model }: ClientCall): HeldSlot | null {
    if (caller.slotToken === null) return null;
    const slot = deps.held.find(caller.slotToken);
    if (slot === null) throw unknownToken();
    const serves = models.resolve(model)?.instances.some(({ name }) => name === slot.instance) ?? false;
    return serves ? slot : null;
  }

  return {
    answer,
    endRequests(isMeant, error) {
      const meant = [...live].filter(([{ face }]) => isMeant(face));
      for (const [, stop] of meant) stop.abort(error);
      return meant.length;
    },
    bufferedBytes: () => [...replies].reduce((sum, reply) => sum + reply.bufferedBytes, 0),
  };
}

function unknownToken(): AppError {
  return new AppError('UNAUTHORIZED', 'this slot token is not valid any more', {
    hint: 'it ends with the task that it was given to',
  });
}
