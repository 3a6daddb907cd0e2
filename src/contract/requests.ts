/** Requests as the inspector shows them: those that wait or run, and those that have ended lately. */

import { z } from 'zod';

import { REQUEST_STATES } from './words.ts';

const requestShape = z.object({
  id: z.string(),
  owner: z.string().describe('Whose it is: key:ID, operator, anonymous, or what tells callers without a key apart.'),
  state: z.enum(REQUEST_STATES),
  class: z.enum(['interactive', 'batch']),
  model: z.string(),
  endpoint: z.string(),
  stream: z.boolean(),
  instance: z.string().nullable(),
  status: z.number().nullable().describe('HTTP status that was sent; null before, and for calls of plans.'),
  code: z.string().nullable().describe('Of the error that ended it.'),
  arrived_at: z.iso.datetime(),
  ended_at: z.iso.datetime().nullable(),
  queue_ms: z.number(),
  first_byte_ms: z.number().nullable(),
  duration_ms: z.number(),
  attempts: z.number(),
  tokens_in: z.number(),
  tokens_out: z.number(),
});

export const requestViewSchema = requestShape.readonly().meta({ id: 'Request' });
export type RequestView = z.output<typeof requestViewSchema>;

const body = z
  .object({
    text: z.string().describe('Redacted.'),
    bytes: z.number().describe('Of the whole; the text may be its beginning.'),
  })
  .nullable();

export const requestDetailViewSchema = requestShape
  .extend({
    request_body: body.describe('Null unless the setting request_bodies is on.'),
    response_body: body,
    placement: z
      .array(z.object({ instance: z.string(), verdict: z.string() }))
      .nullable()
      .describe('What was said of each instance when a place was looked for last; null when nobody remembers.'),
    waking: z
      .object({
        doing: z.enum(['loading', 'making-room', 'awaiting-room']),
        instances: z.array(z.string()).readonly().describe('Those that go, or that have the memory.'),
        room_in_ms: z.number().nullable().describe('From when some of it may be had; null when they are in use.'),
      })
      .nullable()
      .describe('While nothing of its model is loaded: how far that has come.'),
    position: z.number().describe('In the queue, from 1; 0 when it does not wait.'),
    starts_in_ms: z.number().nullable().describe('While it waits, as things are now; null when nobody knows.'),
  })
  .readonly()
  .meta({ id: 'RequestDetail' });
export type RequestDetailView = z.output<typeof requestDetailViewSchema>;
