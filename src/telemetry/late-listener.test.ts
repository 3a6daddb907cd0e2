import { describe, expect, test } from 'vitest';

import { endedRequest } from '../../test/support/metric-views.ts';
import { createLateListener } from './late-listener.ts';
import type { LateListener } from './late-listener.ts';
import type { Listener, Told } from './told.ts';

const told = (id: string): Told => ({ kind: 'request-ended', record: endedRequest({ id }) });

describe('a late listener', () => {
  test('hears what was told before it was loaded, then the rest, in order', async () => {
    const { heard, listener } = house({ keep: 10 });
    listener.hear(told('a'));
    listener.hear(told('b'));

    await listener.loaded();
    listener.hear(told('c'));

    expect(heard).toEqual(['a', 'b', 'c']);
  });

  test('is not loaded for little, and once for much', async () => {
    const { heard, loads, listener } = house({ keep: 2 });
    listener.hear(told('a'));
    listener.hear(told('b'));
    expect(loads()).toBe(0);

    listener.hear(told('too much'));
    listener.hear(told('too much'));
    await listener.loaded();

    expect(loads()).toBe(1);
    expect(heard).toEqual(['a', 'b']);
  });

  test('harms nobody who tells it something', async () => {
    const errors: unknown[] = [];
    const deaf = createLateListener({
      keep: 1,
      onError: (error) => errors.push(error),
      load: () => Promise.resolve({ hear: fail }),
    });
    await deaf.loaded();

    deaf.hear(told('a'));

    expect(errors).toEqual([new Error('deaf')]);
  });
});

function fail(): never {
  throw new Error('deaf');
}

function house({ keep }: { readonly keep: number }): {
  readonly heard: string[];
  readonly loads: () => number;
  readonly listener: LateListener<{ readonly hear: Listener }>;
} {
  const heard: string[] = [];
  let loads = 0;
  const hear: Listener = (heardNow) => {
    if (heardNow.kind === 'request-ended') heard.push(heardNow.record.id);
  };
  const load = (): Promise<{ readonly hear: Listener }> => {
    loads++;
    return Promise.resolve({ hear });
  };
  const onError = (): void => {};
  return { heard, loads: () => loads, listener: createLateListener({ keep, load, onError }) };
}
