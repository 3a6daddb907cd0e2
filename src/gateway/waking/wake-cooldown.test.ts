import { describe, expect, test } from 'vitest';

import { AppError } from '../../contract/errors.ts';
import { cooldownAfter, cooldownError } from './wake-cooldown.ts';
import type { Cooldown } from './wake-cooldown.ts';

const broken = new AppError('ENGINE_START_FAILED', 'demo exited with code 1', { hint: 'run "drover logs demo"' });

describe('what could not be loaded', () => {
  test('is left alone for 10 s, twice as long after each further failure, 5 min at most', () => {
    let cooldown: Cooldown | null = null;
    const waits = Array.from({ length: 7 }, () => (cooldown = cooldownAfter(cooldown, broken, 0))?.until);

    expect(waits).toEqual([10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000]);
  });

  test('says why and until when, and nothing when that is over', () => {
    const cooldown = cooldownAfter(null, broken, 0);
    if (cooldown === null) throw new Error('no cooldown');

    const told = cooldownError('demo', cooldown, 4_000);

    expect(told).toMatchObject({
      status: 503,
      message: '"demo" could not be loaded: demo exited with code 1',
      hint: 'the next try is in 6 s; run "drover logs demo"',
      detail: { because: 'ENGINE_START_FAILED', retry_after_ms: 6_000 },
    });
    expect(cooldownError('demo', cooldown, 10_000)).toBeNull();
  });

  test('is not blamed for the faults of others', () => {
    expect(cooldownAfter(null, new AppError('AGENT_UNAVAILABLE', 'no agent'), 0)).toBeNull();
  });
});
