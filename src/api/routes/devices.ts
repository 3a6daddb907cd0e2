/** What people decide about devices: the work they take, and when they take none. */

import { z } from 'zod';

import { DEVICE_ROLES, deviceViewSchema } from '../../contract/index.ts';
import { defineRoute } from '../route.ts';

const params = z.object({ id: z.string().describe('Any name of the device; HOST/ID where several hosts have one') });
const reason = z.string().min(1).max(500).nullable().default(null);
const reserveBody = z.strictObject({
  for_ms: z.number().int().min(1).nullable().default(null).describe('Null: until it is released.'),
  reason,
});
const rolesBody = z.strictObject({
  roles: z.array(z.enum(DEVICE_ROLES)).nullable().describe('Empty: off. Null: as the settings of its host say.'),
});
const answers = { 200: { about: 'The device', schema: deviceViewSchema } };
const tag = 'daemon';

export const deviceRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/devices/:id/reserve',
    tag,
    summary: 'Keep new work from a device for a while',
    description: 'What runs there goes on.',
    scope: 'manage',
    params,
    body: reserveBody,
    answers,
    errors: ['DEVICE_NOT_FOUND'],
    handle: ({ params: { id }, body }, { deviceKeeper }) =>
      deviceKeeper.reserve(id, { forMs: body.for_ms, reason: body.reason }),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/devices/:id/quarantine',
    tag,
    summary: 'Keep new work from a device that is not trusted, until it is released',
    scope: 'manage',
    params,
    body: z.strictObject({ reason }),
    answers,
    errors: ['DEVICE_NOT_FOUND'],
    handle: ({ params: { id }, body }, { deviceKeeper }) => deviceKeeper.quarantine(id, body.reason),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/devices/:id/release',
    tag,
    summary: 'End a reservation or a quarantine',
    scope: 'manage',
    params,
    answers,
    errors: ['DEVICE_NOT_FOUND', 'INVALID_REQUEST'],
    handle: ({ params: { id } }, { deviceKeeper }) => deviceKeeper.release(id),
  }),
  defineRoute({
    method: 'PUT',
    path: '/v2/devices/:id/roles',
    tag,
    summary: 'Say what work a device takes',
    scope: 'manage',
    params,
    body: rolesBody,
    answers,
    errors: ['DEVICE_NOT_FOUND'],
    handle: ({ params: { id }, body }, { deviceKeeper }) => deviceKeeper.setRoles(id, body.roles),
  }),
];
