/** Which colour a state, a health or a temperature has. The word always stands beside it. */

import type { Health, InstanceStateName } from '../contract/instances.ts';
import type { Tone } from './line.ts';

export const STATUS_TONES: Readonly<Record<InstanceStateName, Tone>> = {
  stopped: 'grey',
  starting: 'yellow',
  loading: 'yellow',
  ready: 'green',
  unhealthy: 'red',
  backoff: 'yellow',
  stopping: 'yellow',
  asleep: 'blue',
  failed: 'red',
};

export const HEALTH_TONES: Readonly<Record<Health, Tone>> = {
  unknown: 'grey',
  loading: 'yellow',
  healthy: 'green',
  unhealthy: 'red',
  error: 'red',
};

const HOT_C = 85;
const WARM_C = 75;

export function temperatureTone(celsius: number): Tone {
  if (celsius >= HOT_C) return 'red';
  return celsius >= WARM_C ? 'yellow' : 'green';
}

const FULL = 0.95;
const NEARLY_FULL = 0.85;

/** `share` of a memory that is in use, 0 to 1. */
export function memoryTone(share: number): Tone {
  if (share >= FULL) return 'red';
  return share >= NEARLY_FULL ? 'yellow' : 'green';
}
