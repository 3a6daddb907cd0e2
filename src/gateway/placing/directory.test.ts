import { describe, expect, test } from 'vitest';

import { createModelDirectory } from './directory.ts';
import { nearNames } from './near-names.ts';

describe('names', () => {
  test('mean an instance first, then an alias, then a catalogue id', () => {
    const directory = createModelDirectory();
    directory.setModels([
      { id: 'demo', registeredAt: 1 },
      { id: 'b', registeredAt: 2 },
    ]);
    directory.setInstances([
      { name: 'b', desired: 'running', modelId: 'demo', aliases: ['fast'], drained: false, ephemeral: false },
      { name: 'a', desired: 'running', modelId: 'demo', aliases: ['fast', 'b'], drained: false, ephemeral: false },
    ]);

    const meant = ['a', 'b', 'fast', 'demo'].map((name) => directory.resolve(name));

    expect(meant.map((target) => target?.kind)).toEqual(['instance', 'instance', 'alias', 'model']);
    expect(directory.resolve('fast')?.instances.map(({ name }) => name)).toEqual(['a', 'b']);
    expect(directory.resolve('nothing')).toBeNull();
    expect(directory.list().map(({ name }) => name)).toEqual(['a', 'b', 'demo', 'fast']);
  });

  test('of an instance that was made for a model take nothing from the model', () => {
    const directory = createModelDirectory();
    directory.setModels([{ id: 'demo', registeredAt: 1 }]);
    const made = { desired: 'running', modelId: 'demo', aliases: [], drained: false, ephemeral: true } as const;
    directory.setInstances([
      { name: 'demo', ...made },
      { name: 'demo-2', ...made },
    ]);

    expect(directory.resolve('demo')).toMatchObject({
      kind: 'model',
      instances: [{ name: 'demo' }, { name: 'demo-2' }],
    });
    expect(directory.resolve('demo-2')).toMatchObject({ kind: 'instance' });
  });

  test('that are close are offered, closest first', () => {
    expect(nearNames('qwne', ['qwen', 'llama', 'demo'])).toEqual(['qwen']);
    expect(nearNames('llama', ['llama-3-8b', 'qwen'])).toEqual(['llama-3-8b']);
    expect(nearNames('x'.repeat(1_000_000), ['x'])).toEqual([]);
  });

  test('knows a model by where it came from, and any name with the tag that Ollama adds', () => {
    const directory = createModelDirectory();
    const source = 'hf:org/repo:Q4_K_M';
    directory.setModels([{ id: 'demo', registeredAt: 1, source }]);

    const names = [source, 'demo:latest', 'hf:org/other', 'demo:q8'].map(
      (name) => directory.resolve(name)?.name ?? null,
    );

    expect(names).toEqual(['demo', 'demo', null, null]);
  });
});
