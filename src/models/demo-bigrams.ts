/** Which token follows which in the demo model: a full table of log-probabilities, counted from its prose. Pure. */

import { encode } from './demo-vocabulary.ts';
import type { Vocabulary } from './demo-vocabulary.ts';

/** What the prose never shows is possible, but only just: a word, a lone byte, a turn marker. */
const UNSEEN_WORD = -12;
const UNSEEN_BYTE = -16;
const NEVER = -40;

/** How a paragraph's last full stop goes on: the answer ends, a paragraph follows, or (inside JSON) a quote closes. */
const AFTER_STOP = { end: 0.35, paragraph: 0.64, quote: 0.01 };
/** How a sentence ends: another follows in the paragraph, or the paragraph is over. */
const SENTENCE_END = { more: 0.65, over: 0.35 };

/** Row `previous`, column `next`, row after row. */
type BigramTable = Float32Array;

export function buildBigrams(prose: string, vocabulary: Vocabulary): BigramTable {
  const size = vocabulary.pieces.length;
  const ids = encode(`${prose.trim()}\n`, vocabulary);
  const counts = countPairs(ids, size);
  const table = new Float32Array(size * size);
  const unseen = unseenRow(vocabulary);
  for (let previous = 0; previous < size; previous++) {
    table.set(unseen, previous * size);
    fillRow(table, previous, counts, vocabulary);
  }
  overrideStops(table, vocabulary);
  overrideBytes(table, new Set(ids), vocabulary);
  return table;
}

function countPairs(ids: readonly number[], size: number): Uint32Array {
  const counts = new Uint32Array(size * size);
  ids.forEach((id, at) => {
    const next = ids[at + 1];
    if (next !== undefined) counts[id * size + next] = (counts[id * size + next] ?? 0) + 1;
  });
  return counts;
}

function unseenRow(vocabulary: Vocabulary): Float32Array {
  return Float32Array.from(vocabulary.pieces, (piece, id) => {
    if (id === vocabulary.turnStart || id === vocabulary.turnEnd) return NEVER;
    return piece.length === 1 ? UNSEEN_BYTE : UNSEEN_WORD;
  });
}

/** Observed successors; a token that ends sentences does so in both ways, however the prose happened to use it. */
function fillRow(table: BigramTable, previous: number, counts: Uint32Array, vocabulary: Vocabulary): void {
  const size = vocabulary.pieces.length;
  const row = counts.subarray(previous * size, (previous + 1) * size);
  const total = row.reduce((sum, count) => sum + count, 0);
  if (total === 0) return;
  row.forEach((count, next) => {
    if (count > 0) table[previous * size + next] = Math.log(count / total);
  });
  const { more, over } = stopIds(vocabulary);
  const stops = ((row[more] ?? 0) + (row[over] ?? 0)) / total;
  if (stops === 0) return;
  table[previous * size + more] = Math.log(stops * SENTENCE_END.more);
  table[previous * size + over] = Math.log(stops * SENTENCE_END.over);
}

function stopIds(vocabulary: Vocabulary): { readonly more: number; readonly over: number } {
  return { more: vocabulary.idOf.get('. ') ?? 0, over: '.'.charCodeAt(0) };
}

function overrideStops(table: BigramTable, vocabulary: Vocabulary): void {
  const size = vocabulary.pieces.length;
  const row = '.'.charCodeAt(0) * size;
  table[row + vocabulary.turnEnd] = Math.log(AFTER_STOP.end);
  table[row + '\n'.charCodeAt(0)] = Math.log(AFTER_STOP.paragraph);
  table[row + '"'.charCodeAt(0)] = Math.log(AFTER_STOP.quote);
}

/**
 * Bytes that the prose does not use: most are followed as a line break is, by a sentence's first word. Digits and
 * closing marks prefer what JSON needs, so that constrained answers come to an end.
 */
function overrideBytes(table: BigramTable, used: ReadonlySet<number>, vocabulary: Vocabulary): void {
  const size = vocabulary.pieces.length;
  const starts = table.slice('\n'.charCodeAt(0) * size, ('\n'.charCodeAt(0) + 1) * size);
  for (let byte = 0; byte <= vocabulary.turnEnd; byte++) {
    if (used.has(byte)) continue;
    table.set(starts, byte * size);
    for (const [next, logit] of jsonSuccessors(String.fromCharCode(byte))) table[byte * size + next] = logit;
  }
}

function jsonSuccessors(mark: string): readonly (readonly [number, number])[] {
  const digits = spread('0123456789', -3.5);
  if (/\d/.test(mark)) return [...spread(',}]', -0.7), ...digits];
  if ('"]}'.includes(mark)) return [...spread(',}]', -8), ...spread(':', -8.5)];
  if (':,[{'.includes(mark)) return [...spread('"', -4), ...digits, ...spread('tf', -4.5)];
  return [];
}

function spread(marks: string, logit: number): (readonly [number, number])[] {
  return [...marks].map((mark) => [mark.charCodeAt(0), logit] as const);
}
