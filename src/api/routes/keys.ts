/** Keys of the front door. */

import { z } from 'zod';

import { createdKeyViewSchema, createKeyRequestSchema, keyViewSchema } from '../../contract/index.ts';
import { actorName } from '../actor.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().describe('Id of the key') });
const tag = 'keys';

export const keyRoutes = [
  defineRoute({
    method: 'GET',
    path: '/v2/keys',
    tag,
    summary: 'List the keys, oldest first, with those that are void',
    scope: 'manage',
    answers: { 200: { about: 'The keys, without their texts', schema: z.array(keyViewSchema) } },
    handle: (_call, { keys }) => keys.list(),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/keys',
    tag,
    summary: 'Make a key',
    description: 'Once there is one, callers over TCP need one.',
    scope: 'manage',
    body: createKeyRequestSchema,
    answers: { 201: { about: 'The key, this once with its text', schema: createdKeyViewSchema } },
    handle: async ({ body, request, reply }, { keys }) =>
      reply.status(201).send(await keys.create(body, actorName(request.actor))),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/keys/:id/rotate',
    tag,
    summary: 'Give a key a new text; the old one is void at once',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The key, this once with its text', schema: createdKeyViewSchema } },
    errors: ['KEY_NOT_FOUND'],
    handle: ({ params: { id }, request }, { keys }) => keys.rotate(id, actorName(request.actor)),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/keys/:id/revoke',
    tag,
    summary: 'Make a key void at once; what runs for it ends',
    scope: 'manage',
    params,
    answers: { 200: { about: 'The key', schema: keyViewSchema } },
    errors: ['KEY_NOT_FOUND'],
    handle: ({ params: { id }, request }, { keys }) => keys.revoke(id, actorName(request.actor)),
  }),
];
