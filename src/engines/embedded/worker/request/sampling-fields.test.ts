import { expect, test } from 'vitest';

import { readSampling } from './sampling-fields.ts';

const vocabulary = {
  tokenize: (text: string) => [...text].map((c) => c.charCodeAt(0)),
  endings: [2],
  vocabularySize: 100,
  contextSize: 512,
};

test('what is not given has the defaults of llama-server', () => {
  expect(readSampling({ seed: 7 }, vocabulary)).toMatchObject({
    temperature: 0.8,
    topK: 40,
    topP: 0.95,
    minP: 0.05,
    seed: 7,
    repeatPenalty: 1,
    penaltyTokens: 64,
  });
});

test('a zero is respected', () => {
  const sampling = readSampling({ temperature: 0, top_k: 0, min_p: 0, repeat_last_n: 0 }, vocabulary);

  expect(sampling).toMatchObject({ temperature: 0, topK: 0, minP: 0, penaltyTokens: 0 });
});

test('null counts as not given, as clients send it', () => {
  expect(readSampling({ temperature: null, stop: null, logit_bias: null, n: 1 }, vocabulary).temperature).toBe(0.8);
});

test('seed -1 draws one', () => {
  const seeds = [readSampling({}, vocabulary).seed, readSampling({ seed: -1 }, vocabulary).seed];

  expect(seeds[0]).not.toBe(seeds[1]);
});

test('a bias may name tokens by id or text, in both shapes, and forbid', () => {
  expect(readSampling({ logit_bias: { '65': 5 } }, vocabulary).bias).toEqual(new Map([[65, 5]]));
  expect(
    readSampling(
      {
        logit_bias: [
          ['ab', false],
          [7, -1],
        ],
      },
      vocabulary,
    ).bias,
  ).toEqual(
    new Map([
      [97, -Infinity],
      [98, -Infinity],
      [7, -1],
    ]),
  );
});

test('ignore_eos forbids every token that ends', () => {
  expect(readSampling({ ignore_eos: true }, vocabulary).bias).toEqual(new Map([[2, -Infinity]]));
});

test.each([
  [{ temperature: 'hot' }, '"temperature" must be a number'],
  [{ top_p: 2 }, '"top_p" must be between 0 and 1'],
  [{ seed: 1.5 }, '"seed" must be a whole number'],
  [{ logit_bias: 'x' }, '"logit_bias" must be an object'],
  [{ logit_bias: { 100: 1 } }, '"logit_bias" keys must be token ids of this model'],
  [{ logit_bias: { 1: 1e300 } }, '"logit_bias" values must be'],
  [{ top_k: 1e12 }, '"top_k" must be between'],
  [{ temperature: Infinity }, '"temperature" must be a number'],
])('the body %j is refused by name', (body, message) => {
  expect(() => readSampling(body, vocabulary)).toThrow(message);
});
