import { expect, test } from 'vitest';

import type { DownloadView } from '../contract/index.ts';
import { TestClock } from '../kernel/index.ts';
import type { ModelRecord } from '../store/index.ts';
import { idOfName, toReference } from './ollama-names.ts';
import { watchPull } from './ollama-pull.ts';

const DOWNLOAD: DownloadView = {
  model: 'small',
  reference: 'hf:org/Small-GGUF',
  revision: '5a1b0c3d5a1b0c3d5a1b0c3d5a1b0c3d5a1b0c3d',
  host: 'here',
  phase: 'downloading',
  received_bytes: 3,
  total_bytes: 9,
  bytes_per_second: null,
  eta_ms: null,
  note: null,
  started_at: '2026-01-01T00:00:00.000Z',
};

function catalogue(...models: readonly Partial<ModelRecord>[]) {
  return { all: () => new Map(models.map((model) => [model.id ?? '', model as ModelRecord])) };
}

test.each([
  ['hf.co/org/Small-GGUF:Q8_0', 'hf:org/Small-GGUF:Q8_0'],
  ['https://huggingface.co/org/Small-GGUF:latest', 'hf:org/Small-GGUF'],
  ['qwen-0.5b:latest', 'qwen-0.5b'],
  ['hf:org/Small-GGUF', 'hf:org/Small-GGUF'],
])('%s is %s', (name, reference) => {
  expect(toReference(name)).toBe(reference);
});

test('a name means an id, or what came from there', () => {
  const models = catalogue({ id: 'small', source: 'hf:org/Small-GGUF' }, { id: 'a:latest', source: 'file' });

  expect(idOfName('small:latest', models)).toBe('small');
  expect(idOfName('hf.co/org/Small-GGUF', models)).toBe('small');
  expect(idOfName('a:latest', models)).toBe('a:latest');
  expect(idOfName('nobody', models)).toBe('nobody');
});

test.each([
  ['ready', null, { status: 'success' }],
  ['failed', 'no room', { error: 'no room' }],
] as const)('a download that ends %s is told from its beginning to its end', async (state, reason, last) => {
  const clock = new TestClock();
  let end: () => void = () => {};
  const settled = new Promise<void>((resolve) => (end = resolve));
  const downloads = [DOWNLOAD];
  const deps = {
    clock,
    models: catalogue({ id: 'small', state, reason }),
    modelDownloads: { list: () => downloads, settled: () => settled },
  };

  const told = watchPull('small', deps, new AbortController().signal);
  const heard = [(await told.next()).value, (await told.next()).value];
  const third = told.next();
  downloads[0] = { ...DOWNLOAD, phase: 'verifying' };
  await clock.advance(250);
  heard.push((await third).value);
  end();
  heard.push((await told.next()).value);

  expect(heard).toEqual([
    { status: 'pulling manifest' },
    { status: 'pulling 5a1b0c3d5a1b', digest: `commit:${DOWNLOAD.revision}`, total: 9, completed: 3 },
    { status: 'verifying sha256 digest' },
    last,
  ]);
});
