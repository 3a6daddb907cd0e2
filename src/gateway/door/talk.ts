/** Requests that take a slot: read, understood, let in, and served until they end or their client has gone. */

import { AppError } from '../../contract/errors.ts';
import { newRequestId } from '../../kernel/index.ts';
import type { KeptBodies } from '../inspect/kept-bodies.ts';
import type { RequestBook } from '../inspect/request-book.ts';
import { hintsOf } from '../placing/placement-hints.ts';
import type { ClientCall } from '../protocols/call.ts';
import { invalidField } from '../protocols/fields.ts';
import { queriedModel } from '../protocols/routes.ts';
import type { TalkRoute } from '../protocols/routes.ts';
import { talkCall } from '../protocols/talk-call.ts';
import { waitOf } from '../queue/wait-of.ts';
import { relay } from '../relay/relay.ts';
import type { RelayDeps } from '../relay/relay.ts';
import type { HeldSlot, HeldSlots } from '../slots/held-slots.ts';
import type { ModelDirectory } from '../types.ts';
import { deadlineOf } from './caller.ts';
import type { Caller } from './caller.ts';
import type { EngineReach } from './engine-reach.ts';
import { HttpReply } from './reply.ts';
import { bodyOf, sendJson, usualModel } from './visit.ts';
import type { Visit } from './visit.ts';

export interface Talk {
  /** Rejects with the AppError that refuses the request before it is one. */
  answer(route: TalkRoute, visit: Visit): Promise<void>;
  /** Bytes accepted from engines and not yet taken by readers. */
  bufferedBytes(): number;
}

export interface TalkDeps extends RelayDeps {
  readonly book: RequestBook;
  readonly held: HeldSlots;
  readonly models: ModelDirectory;
  readonly reach: EngineReach;
  readonly bodies: KeptBodies;
}

interface Understood extends Omit<Visit, 'request'> {
  readonly held: HeldSlot | null;
  readonly endpoint: string;
  readonly body: Buffer;
  /** When it had been read, monotonic milliseconds. */
  readonly receivedAt: number;
  readonly deadlineMs: number | null;
}

export function createTalk(deps: TalkDeps): Talk {
  const { book, limits, models, dispatcher, clock } = deps;
  const replies = new Set<HttpReply>();

  async function answer(route: TalkRoute, visit: Visit): Promise<void> {
    const { request, response, holder, caller } = visit;
    const deadlineMs = deadlineOf(request.headers);
    const body = await bodyOf(visit, limits.bodyBytes);
    if (body === null) return;
    const receivedAt = clock.monotonic();
    const contentType = request.headers['content-type'] ?? '';
    const model = (): string | null => queriedModel(request.url ?? '/') ?? usualModel(models, dispatcher.reports());
    const parsed = talkCall(route, { body, contentType, model, at: clock.now() });
    if (parsed.kind === 'invalid') throw parsed.error;
    if (parsed.kind === 'load') {
      await deps.reach(parsed.model, visit);
      return sendJson(response, parsed.answer);
    }
    const endpoint = (request.url ?? '/').split('?', 1)[0] ?? '/';
    assertShortName(parsed.call.model);
    const held = heldSlot(caller, parsed.call);
    await run(parsed.call, { caller, holder, held, response, endpoint, body, receivedAt, deadlineMs });
  }

  async function run(call: ClientCall, understood: Understood): Promise<void> {
    const { caller, holder, held, response, endpoint, body, receivedAt, deadlineMs } = understood;
    const { requestId, key, traceparent } = caller;
    const { model, stream } = call;
    // callers that send one id with all that they do for somebody may well have several requests here
    const id = book.isLive(requestId) ? newRequestId() : requestId;
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
      wait: () => waitOf(id, dispatcher),
      headSent: (head) => life.headSent(head),
      onBytes: deps.bodies.begin(id, body),
      onStalled: () => stop.abort(new AppError('ABORTED', 'the client read nothing any more')),
    });
    // not the request's own signal: that one ends when the body has been read
    response.once('close', () => {
      if (!response.writableEnded) stop.abort(new AppError('ABORTED', 'the client left'));
    });
    replies.add(reply);
    response.once('close', () => replies.delete(reply));
    const hints = hintsOf(response.req.headers, call.conversation);
    await relay({ life, call, bodyBytes: body.length, holder, deadlineMs, held, hints }, reply, stop, deps);
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
    bufferedBytes: () => [...replies].reduce((sum, reply) => sum + reply.bufferedBytes, 0),
  };
}

/** Names are kept with the requests of an hour, and written into the log. */
const LONGEST_NAME = 1_000;

function assertShortName(model: string): void {
  if (model.length <= LONGEST_NAME) return;
  throw invalidField(
    'model',
    `"model" has ${model.length} characters: no model has a name of more than ${LONGEST_NAME}`,
  );
}

function unknownToken(): AppError {
  return new AppError('UNAUTHORIZED', 'this slot token is not valid any more', {
    hint: 'it ends with the task that it was given to',
  });
}
