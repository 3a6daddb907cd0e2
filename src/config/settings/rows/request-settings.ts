/** Settings of requests at the front door: how large they may be, how many may wait, how long, and who goes first. */

import { duration, integer, oneOf } from '../setting-kinds.ts';
import type { SettingTable } from '../setting.ts';

const QUEUE_FULL_POLICIES = ['reject', 'drop-oldest-batch'] as const;
const INTERACTIVE_FIRST = ['preempt', 'keep', 'wait'] as const;

export interface RequestSettings {
  readonly queuePerModel: number;
  readonly queueFull: (typeof QUEUE_FULL_POLICIES)[number];
  readonly interactiveFirst: (typeof INTERACTIVE_FIRST)[number];
  readonly bodyBytes: number;
  readonly queueTimeoutMs: number;
  readonly firstByteTimeoutMs: number;
  readonly requestTimeoutMs: number;
  readonly tasksKeepDays: number;
}

export const REQUEST_SETTINGS: SettingTable<RequestSettings> = {
  queuePerModel: {
    key: 'queue_per_model',
    kind: integer(0, 100_000),
    about: 'Requests that may wait for one model.',
    counts: 'live',
    fallback: () => 100,
  },
  queueFull: {
    key: 'queue_full',
    kind: oneOf(QUEUE_FULL_POLICIES),
    about: 'What one more does: it is refused, or an interactive one takes the place of the oldest batch request.',
    counts: 'live',
    fallback: () => 'reject',
  },
  interactiveFirst: {
    key: 'interactive_first',
    kind: oneOf(INTERACTIVE_FIRST),
    about:
      'While batch work has every slot: an unread batch request goes back into the queue and its slot is kept for a while, one is always kept, or neither.',
    counts: 'live',
    fallback: () => 'preempt',
  },
  bodyBytes: {
    key: 'body_bytes',
    kind: integer(1_024, 1_073_741_824),
    about: 'Largest body of a request.',
    counts: 'live',
    fallback: () => 33_554_432,
  },
  queueTimeoutMs: {
    key: 'queue_timeout',
    kind: duration,
    about: 'Longest wait of a request for a slot.',
    counts: 'live',
    fallback: () => 300_000,
  },
  firstByteTimeoutMs: {
    key: 'first_byte_timeout',
    kind: duration,
    about: 'Longest wait for the first byte of an engine.',
    counts: 'live',
    fallback: () => 300_000,
  },
  requestTimeoutMs: {
    key: 'request_timeout',
    kind: duration,
    about: 'Longest time for a whole request.',
    counts: 'live',
    fallback: () => 1_800_000,
  },
  tasksKeepDays: {
    key: 'tasks_keep_days',
    kind: integer(1, 36_500),
    about: 'Days for which tasks of the native API are kept after their end, with what they answered.',
    counts: 'live',
    fallback: () => 7,
  },
};
