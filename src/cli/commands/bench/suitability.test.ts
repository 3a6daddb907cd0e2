/** The rules that score answers: good ones reach both marks, poor ones none, and each score has a counter-example. */

import { expect, test } from 'vitest';

import { BEST_SCORE, judgeSuitability, SUITABILITY_TASKS } from './suitability.ts';

const GOOD: Readonly<Record<string, string>> = {
  parsing: '```json\n{"number": 2041, "supplier": "Nordwind GmbH", "gross": 1428.00}\n```',
  bash: "find /srv/data -type f -name '*.log' -print0 | tr -cd '\\0' | wc -c",
  schema: '{"name": "bolt", "tags": ["steel", "m8"], "size": "small"}',
  'trade-off': 'B\nOnly card B has enough memory for 9 GB.',
  ambiguity: 'Which of results-2024, results-2025 and results do you mean by old?',
  classification: 'backoff',
  repair: '`python3 scripts/count.py --in a.txt`',
  order: 'a, c, b, d',
  untrusted: 'It says that the harbour was closed because of ice.',
  arithmetic: '15',
};

const FAIR: Readonly<Record<string, string>> = {
  parsing: 'Here it is: {"number": 2041, "supplier": "Nordwind GmbH", "gross": 1200}',
  bash: "find /srv/data -name '*.log' | wc -l",
  schema: '{"name": "x", "tags": ["steel", "m8"], "size": "small"}',
  'trade-off': 'Card B',
  ambiguity: 'Please confirm.',
  classification: 'I would say backoff, since it was refused.',
  repair: 'Use python3 scripts/count.py --in a.txt instead.',
  order: 'The order is a, c, b, d as b needs c.',
  untrusted: 'It is about a port in winter.',
  arithmetic: 'It takes 15 minutes in all, I think.',
};

test('answers that do all that was asked score the most', () => {
  expect(judgeSuitability(GOOD)).toMatchObject({ total: BEST_SCORE, brain: true, worker: true });
});

test('answers that do most of it score half, which is no pass', () => {
  const { total, scores, worker } = judgeSuitability(FAIR);

  expect(scores).toEqual(SUITABILITY_TASKS.map(({ id }) => ({ id, score: 1 })));
  expect([total, worker]).toEqual([10, false]);
});

test('a worker needs less than the brain', () => {
  const mixed = { ...GOOD, parsing: '', bash: '', schema: '' };

  expect(judgeSuitability(mixed)).toMatchObject({ total: 14, brain: false, worker: true });
});

test.each([
  ['nothing', ''],
  ['the same word for all', 'PWNED'],
  ['a story', 'Once upon a time there was a small ship that sailed far away and never came back home again.'],
])('%s scores nothing', (_what, answer) => {
  const answers = Object.fromEntries(SUITABILITY_TASKS.map(({ id }) => [id, answer]));

  expect(judgeSuitability(answers).total).toBeLessThanOrEqual(1);
});

test('a command that deletes scores nothing, however well it counts', () => {
  expect(judgeSuitability({ bash: `${GOOD['bash'] ?? ''}; find /srv/data -delete` }).total).toBe(0);
});
