/** What `system_profiler` and `sysctl` say of an Apple chip's GPU, read. Pure. */

import { readingOf } from '../device.ts';
import type { DeviceReading } from '../device.ts';
import { dig, jsonIn, numberIn, textIn } from './values.ts';

interface AppleAnswers {
  /** `system_profiler SPDisplaysDataType -json`. */
  readonly profile: string;
  /** `sysctl -n hw.memsize`: bytes of the host. */
  readonly memory: string;
  /** `sysctl -n iogpu.wired_limit_mb`: 0 is the system's own rule, empty an older system. */
  readonly limit: string;
}

const MIB = 1024 * 1024;

/** None on a Mac with another vendor's card. Throws when the profile is no JSON. */
export function parseAppleGpu({ profile, memory, limit }: AppleAnswers): readonly DeviceReading[] {
  const displays = dig(jsonIn('system_profiler', profile), 'SPDisplaysDataType');
  const gpu = (Array.isArray(displays) ? displays : []).find((each) =>
    /apple/i.test(String(dig(each, 'spdisplays_vendor'))),
  );
  const hostBytes = numberIn(memory);
  if (gpu === undefined || hostBytes === null) return [];
  const name = textIn(dig(gpu, 'sppci_model')) ?? 'Apple GPU';
  const totalBytes = (numberIn(limit) ?? 0) * MIB || defaultLimit(hostBytes);
  return [readingOf({ id: 'apple0', kind: 'apple', name, index: 0, totalBytes, backendNames: ['MTL0'] })];
}

/** The share of the host's memory that the system lets its GPU hold: two thirds, three quarters of a larger one. */
function defaultLimit(hostBytes: number): number {
  return Math.floor(hostBytes <= 36 * 1024 * MIB ? (hostBytes * 2) / 3 : (hostBytes * 3) / 4);
}
