import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { buildBigrams } from './demo-bigrams.ts';
import { buildDemoModel, writeDemoModel } from './demo-model.ts';
import { DEMO_PROSE } from './demo-prose.ts';
import { buildVocabulary, encode } from './demo-vocabulary.ts';

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'drover-demo-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const bytes = buildDemoModel();

test('the demo model is small and its bytes are the same everywhere', () => {
  expect(bytes.length).toBeLessThan(3_000_000);
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(
    'c00ca0e5640aff605d186b296ed1e1097be19f2421d32d697415edcedb77fe87',
  );
});

test('a file that is there already is not written again, a broken one is', () => {
  const path = join(temporaryFolder(), 'models/demo.gguf');

  const first = writeDemoModel(path);
  const inode = statSync(path).ino;
  const second = writeDemoModel(path);
  const kept = statSync(path).ino;
  writeFileSync(path, 'half');
  const third = writeDemoModel(path);

  expect([first.written, second.written, third.written]).toEqual([true, false, true]);
  expect(kept).toBe(inode);
  expect(statSync(path)).toMatchObject({ size: first.sizeBytes, mode: 0o100600 });
});

test('every text can be written in tokens and read back', () => {
  const vocabulary = buildVocabulary(DEMO_PROSE, 1024);
  const text = Buffer.from('The herd walks. {"ünï": 1}\n').toString('latin1');

  const ids = encode(text, vocabulary);

  expect(ids.map((id) => vocabulary.pieces[id]).join('')).toBe(text);
  expect(ids.length).toBeLessThan(text.length);
});

test('what follows a token is a distribution: its probabilities sum to about one', () => {
  const vocabulary = buildVocabulary(DEMO_PROSE, 1024);
  const size = vocabulary.pieces.length;
  const table = buildBigrams(DEMO_PROSE, vocabulary);

  const used = [...new Set(encode(DEMO_PROSE.trim(), vocabulary))];
  const sums = used.map((id) => table.slice(id * size, (id + 1) * size).reduce((sum, log) => sum + Math.exp(log), 0));

  expect(used.length).toBeGreaterThan(300);
  expect(Math.min(...sums)).toBeGreaterThan(0.98);
  expect(Math.max(...sums)).toBeLessThan(1.02);
});

test('an answer can end, and only after a sentence', () => {
  const vocabulary = buildVocabulary(DEMO_PROSE, 1024);
  const size = vocabulary.pieces.length;
  const table = buildBigrams(DEMO_PROSE, vocabulary);

  const endings = vocabulary.pieces.filter((_, id) => (table[id * size + vocabulary.turnEnd] ?? 0) > -5);

  expect(endings).toEqual(['.']);
});
