import { describe, expect, test } from 'vitest';

import { chooseModel } from './choose-model.ts';
import type { Offer } from './choose-model.ts';

function offer(model: string, parameters: number, more: Partial<Offer> = {}): Offer {
  return { model, parameters, state: 'loadable', devices: 1, ...more };
}

const SMALL = offer('small', 1e9);
const MIDDLE = offer('middle', 8e9);
const LARGE = offer('large', 30e9);

describe('a model for a task that names none', () => {
  test('is the smallest that does', () => {
    expect(chooseModel({ minTier: 2 }, [LARGE, MIDDLE, SMALL])).toEqual({
      model: 'middle',
      because: 'the smallest of tier 2 or more that can be loaded',
    });
  });

  test('is rather one that is loaded, or is being loaded, than one that is smaller', () => {
    const loaded = offer('large', 30e9, { state: 'ready' });
    const coming = offer('large', 30e9, { state: 'coming' });

    expect(chooseModel({ minTier: 2 }, [MIDDLE, loaded])?.model).toBe('large');
    expect(chooseModel({ minTier: 2 }, [MIDDLE, coming])?.model).toBe('large');
    expect(chooseModel({ minTier: 2 }, [{ ...MIDDLE, state: 'ready' }, coming])?.model).toBe('middle');
  });

  test('is one that a person stopped only when there is no other', () => {
    const stopped = offer('tiny', 3e9, { state: 'stopped' });

    expect(chooseModel({ minTier: 2 }, [stopped, LARGE])?.model).toBe('large');
    expect(chooseModel({ minTier: 2 }, [stopped])?.model).toBe('tiny');
  });

  test('lies as the task says, as far as that is known', () => {
    const split = offer('split', 30e9, { devices: 2 });
    const unknown = offer('unknown', 70e9, { devices: null });

    expect(chooseModel({ minTier: 1, placement: 'split_gpu' }, [SMALL, split])?.model).toBe('split');
    expect(chooseModel({ minTier: 4, placement: 'single_gpu' }, [split, unknown])?.model).toBe('unknown');
  });

  test('is none when none is large enough', () => {
    expect(chooseModel({ minTier: 5 }, [SMALL, MIDDLE, LARGE])).toBeNull();
  });
});
