/** Requests at the front door, as they wait, run and have ended lately. A key sees its own, one of scope manage all. */

import { z } from 'zod';

import { AppError, REQUEST_STATES, requestDetailViewSchema, requestViewSchema } from '../../contract/index.ts';
import type { RequestDetailView, RequestView } from '../../contract/index.ts';
import { isoTime } from '../../kernel/index.ts';
import type { SeenRequest, WakeCourse } from '../../gateway/index.ts';
import { actorName, mayTouch } from '../actor.ts';
import type { Actor } from '../actor.ts';
import type { ApiDeps } from '../deps.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().describe('Id of the request: `x-request-id` of its answer') });
const tag = 'requests';

export const requestRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/requests',
    tag,
    summary: 'List requests, newest first: what waits, runs, and has ended lately',
    scope: 'any',
    query: z.strictObject({
      state: z.enum(REQUEST_STATES).optional(),
      model: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1_000).default(100),
    }),
    answers: { 200: { about: 'Those of the caller', schema: z.array(requestViewSchema) } },
    handle({ query: { state, model, limit }, request }, { gateway }) {
      const found = gateway
        .requests()
        .filter((seen) => mayTouch(request.actor, seen.key))
        .filter(
          (seen) => (state === undefined || seen.state === state) && (model === undefined || seen.model === model),
        );
      return found.slice(0, limit).map(toView);
    },
  }),
  defineRoute({
    method: 'GET',
    path: '/v2/requests/:id',
    tag,
    summary: 'Show a request, with its bodies where they are kept',
    scope: 'any',
    params,
    answers: { 200: { about: 'The request', schema: requestDetailViewSchema } },
    errors: ['REQUEST_NOT_FOUND'],
    handle({ params: { id }, request: { actor } }, deps) {
      const seen = find(id, actor, deps);
      const wait = deps.gateway.waitOf(id);
      const bodies = maySeeBodies(actor, seen.key) ? deps.gateway.bodiesOf(id) : null;
      return {
        ...toView(seen),
        request_body: bodies?.request ?? null,
        response_body: bodies?.response ?? null,
        placement: deps.gateway.whyPlaced(id),
        waking: toWaking(deps.gateway.waking(id), deps.clock.now()),
        position: wait.position,
        starts_in_ms: wait.etaMs,
      };
    },
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/requests/:id/cancel',
    tag,
    summary: 'End a request that waits or runs',
    description: 'One that has ended stays as it is.',
    scope: 'any',
    params,
    answers: { 200: { about: 'The request', schema: requestViewSchema } },
    errors: ['REQUEST_NOT_FOUND'],
    async handle({ params: { id }, request: { actor } }, deps) {
      const { key } = find(id, actor, deps);
      const by = new AppError('ABORTED', `the request was cancelled by ${actorName(actor)}`);
      await deps.gateway.endRequests((face) => face.id === id && face.key === key, by);
      return toView(find(id, actor, deps));
    },
  }),
];

/** What is not the caller's is not there for him. */
function find(id: string, actor: Actor, { gateway }: ApiDeps): SeenRequest {
  const seen = gateway.requests().find((each) => each.id === id && mayTouch(actor, each.key));
  if (seen !== undefined) return seen;
  throw new AppError('REQUEST_NOT_FOUND', `there is no request "${id.slice(0, 200)}" of yours`, {
    hint: 'run "drover requests ls"; requests that have ended are forgotten after a while',
  });
}

/** Callers without a key cannot be told apart: they see none. */
function maySeeBodies(actor: Actor, owner: string): boolean {
  return actor.kind === 'operator' || (actor.kind === 'key' && mayTouch(actor, owner));
}

function toWaking(course: WakeCourse | null, now: number): RequestDetailView['waking'] {
  if (course === null) return null;
  const at = course.kind === 'awaiting-room' ? course.at : null;
  return {
    doing: course.kind,
    instances: course.kind === 'loading' ? [] : course.instances,
    room_in_ms: at === null ? null : Math.max(0, at - now),
  };
}

function toView(seen: SeenRequest): RequestView {
  return {
    id: seen.id,
    owner: seen.key,
    state: seen.state,
    class: seen.class,
    model: seen.model,
    endpoint: seen.endpoint,
    stream: seen.stream,
    instance: seen.instance,
    status: seen.status,
    code: seen.code,
    arrived_at: isoTime(seen.arrivedAt),
    ended_at: seen.endedAt === null ? null : isoTime(seen.endedAt),
    queue_ms: seen.queueMs,
    first_byte_ms: seen.firstByteMs,
    duration_ms: seen.durationMs,
    attempts: seen.attempts,
    tokens_in: seen.tokensIn,
    tokens_out: seen.tokensOut,
  };
}
