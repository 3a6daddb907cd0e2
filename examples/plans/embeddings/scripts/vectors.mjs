// Vectors of texts by hashed words and pairs of words, weighted by rarity within the text and scaled to length one.
// It needs no model and no card; a real plan would call an embedding program here.
import { createHash } from 'node:crypto';

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function place(feature, dimensions) {
  const hash = createHash('sha1').update(feature).digest();
  return { index: hash.readUInt32LE(0) % dimensions, sign: hash[4] & 1 ? 1 : -1 };
}

export function vectorOf(text, dimensions) {
  const words = wordsOf(text);
  const pairs = words.slice(1).map((word, index) => `${words[index]} ${word}`);
  const counts = new Map();
  for (const feature of [...words, ...pairs]) counts.set(feature, (counts.get(feature) ?? 0) + 1);
  const vector = Array.from({ length: dimensions }, () => 0);
  for (const [feature, count] of counts) {
    const { index, sign } = place(feature, dimensions);
    vector[index] += sign * (1 + Math.log(count)) * Math.min(feature.length, 12);
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => Number((value / length).toFixed(5)));
}

export function similarity(a, b) {
  return a.reduce((sum, value, index) => sum + value * b[index], 0);
}
