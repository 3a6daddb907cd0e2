/** What people tell tasks and devices: the bodies of the requests and their answers. */

import { z } from 'zod';

import { deviceViewSchema } from './daemon.ts';

/** `stop`: finish, no further try. `abort`: SIGTERM, SIGKILL after the grace. */
export const taskSignalSchema = z.strictObject({ signal: z.enum(['stop', 'abort', 'kill']) });

/** `stop`: take nothing new. `resume` lifts that. */
export const deviceSignalSchema = z.strictObject({ signal: z.enum(['stop', 'abort', 'kill', 'resume']) });

export const signalledDeviceViewSchema = z
  .object({ device: deviceViewSchema, tasks: z.number().describe('Running tasks that were told to end.') })
  .readonly()
  .meta({ id: 'SignalledDevice' });
export type SignalledDeviceView = z.output<typeof signalledDeviceViewSchema>;
