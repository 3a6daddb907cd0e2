import { expect, test } from 'vitest';

import type { ModelState } from '../../contract/index.ts';
import type { ModelRecord } from '../../store/index.ts';
import { createAutoPull } from './auto-pull.ts';

function record(id: string, state: ModelState, source: string): ModelRecord {
  const nothing = { path: '', sizeBytes: 1, sha256: null, architecture: null, quantisation: null, contextLength: null, parameters: null, tier: null, files: [], hosts: [], reason: null, registeredAt: 0 }; // prettier-ignore
  return { id, state, source, ...nothing };
}

function rig({ allowed, known = [] }: { allowed: boolean; known?: readonly ModelRecord[] }) {
  const all = new Map(known.map((each) => [each.id, each]));
  const pulled: string[] = [];
  const autoPull = createAutoPull({
    models: { all: () => all },
    isAllowed: () => allowed,
    downloads: {
      async pull({ reference }) {
        pulled.push(reference);
        return { kind: 'started', model: undefined as never, download: null };
      },
      async settled(id) {
        const before = all.get(id);
        if (before?.state !== 'failed') all.set(id, record(id, 'ready', before?.source ?? 'hf:org/small-GGUF'));
      },
    },
  });
  return { autoPull, pulled };
}

test('a reference means a model that is there, by its source', () => {
  const { autoPull } = rig({ allowed: false, known: [record('small', 'ready', 'hf:org/small-GGUF')] });

  expect(autoPull.idOf('hf:org/small-GGUF')).toBe('small');
  expect(autoPull.idOf('hf:other/small-GGUF')).toBeNull();
  expect(autoPull.idOf('small')).toBeNull();
});

test('what is not there is pulled once somebody asks, where that is allowed', async () => {
  const { autoPull, pulled } = rig({ allowed: true });

  const id = autoPull.idOf('hf:org/small-GGUF');
  await autoPull.arrival(id ?? '');

  expect(id).toBe('small');
  expect(pulled).toEqual(['hf:org/small-GGUF']);
});

test('a model that comes is waited for, whoever pulls it', async () => {
  const { autoPull, pulled } = rig({ allowed: false, known: [record('small', 'downloading', 'hf:org/small-GGUF')] });

  await autoPull.arrival('small');

  expect(pulled).toEqual([]);
});

test('who waits for what does not come is told why', async () => {
  const failed = { ...record('small', 'failed', 'hf:org/small-GGUF'), reason: 'the disk is full' };
  const { autoPull } = rig({ allowed: false, known: [failed] });

  await expect(autoPull.arrival('small')).rejects.toMatchObject({ message: expect.stringContaining('the disk is full') as string }); // prettier-ignore
});
