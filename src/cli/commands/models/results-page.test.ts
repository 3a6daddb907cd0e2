import { expect, test } from 'vitest';

import { resultsPage } from './results-page.ts';

test('a page says of each model what it did, or why it did not', () => {
  const good = { model: 'a', device: 'cpu', ok: true, load_ms: 10, ttft_ms: 20, tokens: 9, tokens_per_second: 3.5, memory_bytes: 1024 * 1024, answer: 'A herd | is\nmany.', error: null }; // prettier-ignore
  const bad = { ...good, model: 'b', ok: false, load_ms: null, ttft_ms: null, tokens_per_second: null, memory_bytes: null, error: { code: 'MODEL_FILE_MISSING', message: 'gone' } }; // prettier-ignore

  const page = resultsPage([good, bad], { at: '2026-01-01T00:00:00.000Z', prompt: 'hello' });

  expect(page).toContain('2 models, 1 failed');
  expect(page).toContain('| a | cpu | ok | 10 | 20 | 3.5 | 1 | A herd \\| is many. |');
  expect(page).toContain('| b | cpu | **failed** | - | - | - | - | MODEL_FILE_MISSING: gone |');
});
