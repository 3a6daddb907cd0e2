import { describe, expect, test } from 'vitest';

import { TestClock } from '../../kernel/index.ts';
import { createHolders, mayAsk } from './holders.ts';
import type { Holder } from './holders.ts';

const holder: Holder = { owner: 'key:a', models: ['demo', 'qwen-*'], rpm: 1, tpm: null, concurrency: null };

describe('holders of keys', () => {
  test('are told what limits them, and when to come back', () => {
    const holders = createHolders({ clock: new TestClock() });
    holders.enter(holder, 'demo', 10);

    const again = holders.enter(holder, 'demo', 10);

    expect(again).toMatchObject({
      kind: 'refused',
      error: {
        code: 'RATE_LIMITED',
        status: 429,
        detail: { limit: 'rpm', retry_after_ms: expect.any(Number) as number },
      },
    });
  });

  test('do not count against each other, and nobody without a key is counted', () => {
    const holders = createHolders({ clock: new TestClock() });
    holders.enter(holder, 'demo', 10);

    expect(holders.enter({ ...holder, owner: 'key:b' }, 'demo', 10).kind).toBe('let-in');
    expect(holders.enter(null, 'demo', 10).kind).toBe('let-in');
    expect(holders.enter(null, 'demo', 10).kind).toBe('let-in');
  });

  test('ask only for their models', () => {
    const holders = createHolders({ clock: new TestClock() });

    expect(holders.enter(holder, 'phi', 10)).toMatchObject({ kind: 'refused', error: { code: 'FORBIDDEN' } });
    expect(mayAsk(holder.models, 'qwen-7b')).toBe(true);
    expect(mayAsk(holder.models, 'qwen')).toBe(false);
    expect(mayAsk(null, 'anything')).toBe(true);
  });
});
