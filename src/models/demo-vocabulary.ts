/** The demo model's vocabulary: every byte, two turn markers, the words of a prose and its commonest word pairs. Pure. */

const TURN_START = '<|im_start|>';
const TURN_END = '<|im_end|>';

export interface Vocabulary {
  /** Text per id as latin-1 bytes; ids 0–255 are the single bytes. */
  readonly pieces: readonly string[];
  readonly turnStart: number;
  readonly turnEnd: number;
  readonly idOf: ReadonlyMap<string, number>;
}

/** A sentence end within a paragraph, a paragraph's end, a word with its leading space, a sentence's first word. */
const PIECE = /\. |\.|,|\n| ?[A-Za-z]+/g;

function splitPieces(prose: string): string[] {
  return prose.trim().match(PIECE) ?? [];
}

/** Exactly `size` tokens; the prose must have words and pairs enough to fill them. */
export function buildVocabulary(prose: string, size: number): Vocabulary {
  const pieces = splitPieces(prose);
  const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));
  const words = byFrequency(pieces.filter((piece) => piece.length > 1));
  const pairs = byFrequency(wordPairs(pieces));
  const all = [...bytes, TURN_START, TURN_END, ...words, ...pairs].slice(0, size);
  return {
    pieces: all,
    turnStart: 256,
    turnEnd: 257,
    idOf: new Map(all.map((piece, id) => [piece, id])),
  };
}

/** Neighbouring words as one piece: they carry a little more of the prose's sense than single words. */
function wordPairs(pieces: readonly string[]): string[] {
  return pieces.flatMap((piece, at) => {
    const next = pieces[at + 1];
    return isInner(piece) && isInner(next) ? [piece + next] : [];
  });
}

function isInner(piece: string | undefined): piece is string {
  return piece !== undefined && /^ [a-z]+$/.test(piece);
}

/** Each text once, the commonest first, equals in code-unit order. */
function byFrequency(texts: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1);
  return [...counts].toSorted(([a, n], [b, m]) => m - n || (a < b ? -1 : 1)).map(([text]) => text);
}

/** Ids of a text by longest match, as llama.cpp's tokenizer of this kind does it. Input is latin-1 bytes. */
export function encode(text: string, vocabulary: Vocabulary): number[] {
  const longest = vocabulary.pieces.reduce((most, piece) => Math.max(most, piece.length), 0);
  const ids: number[] = [];
  for (let at = 0; at < text.length;) {
    const match = longestMatch(text, at, longest, vocabulary.idOf);
    ids.push(match.id);
    at += match.length;
  }
  return ids;
}

function longestMatch(
  text: string,
  at: number,
  longest: number,
  idOf: ReadonlyMap<string, number>,
): { id: number; length: number } {
  for (let length = Math.min(longest, text.length - at); length > 1; length--) {
    const id = idOf.get(text.slice(at, at + length));
    if (id !== undefined) return { id, length };
  }
  return { id: text.charCodeAt(at), length: 1 };
}
