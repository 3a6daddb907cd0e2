/** Signals of people: to one task, and to all that runs on a device. */

import { z } from 'zod';

import {
  deviceSignalSchema,
  signalledDeviceViewSchema,
  taskDetailViewSchema,
  taskSignalSchema,
} from '../../contract/index.ts';
import type { SignalledDeviceView } from '../../contract/index.ts';
import type { ApiDeps } from '../deps.ts';
import { defineRoute } from '../route.ts';

const taskParams = z.object({
  id: z.string().min(1).describe('Id of the batch'),
  task: z.string().min(1).describe('Name of the task within its batch'),
});
const deviceParams = z.object({
  id: z.string().min(1).describe('Any name of the device, with HOST/ before it or not'),
});

/** By a signal of `devices signal`. */
const REASON = 'stopped by the operator';

export const signalRoutes = [
  defineRoute({
    method: 'POST',
    path: '/v2/batches/:id/tasks/:task/signal',
    tag: 'batches',
    summary: 'End one task: let it finish, abort or kill it',
    scope: 'manage',
    params: taskParams,
    body: taskSignalSchema,
    answers: { 200: { about: 'The task', schema: taskDetailViewSchema } },
    errors: ['BATCH_NOT_FOUND', 'TASK_NOT_FOUND', 'TASK_ENDED'],
    handle: ({ params, body }, { brain }) => brain.signalTask(params.id, params.task, body.signal),
  }),
  defineRoute({
    method: 'POST',
    path: '/v2/devices/:id/signal',
    tag: 'daemon',
    summary: 'Let a device take nothing new, end what runs there, or lift that',
    scope: 'manage',
    params: deviceParams,
    body: deviceSignalSchema,
    answers: { 200: { about: 'The device', schema: signalledDeviceViewSchema } },
    errors: ['DEVICE_NOT_FOUND'],
    handle: ({ params, body }, deps) => signalDevice(params.id, body.signal, deps),
  }),
];

/** The device is closed before what runs there ends, so that none of it comes back. */
async function signalDevice(
  name: string,
  signal: z.output<typeof deviceSignalSchema>['signal'],
  { brain, deviceKeeper }: ApiDeps,
): Promise<SignalledDeviceView> {
  if (signal === 'resume') return { device: await deviceKeeper.release(name), tasks: 0 };
  const device = await deviceKeeper.reserve(name, { forMs: null, reason: REASON });
  const tasks = signal === 'stop' ? 0 : await brain.signalDevice(device.host, device.id, signal);
  return { device, tasks };
}
