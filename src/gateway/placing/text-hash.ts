/** Small numbers for texts, by which conversations and instances are told apart: quick, and no secret. Pure. */

const PRIME = 0x01000193;
const BLANK = 0x20;

/** What a text without any word adds to nothing. */
export const NO_WORDS = 0x811c9dc5;

/** FNV-1a of its UTF-16 units. */
export function hashOf(text: string): number {
  let hash = NO_WORDS;
  for (let at = 0; at < text.length; at++) hash = mix(hash, text.charCodeAt(at));
  return hash >>> 0;
}

/** The same of its words, each with a blank after it, behind what `before` was made of. A text without a word changes nothing. */
export function hashWords(text: string, before: number): number {
  let hash = before;
  let isWithinWord = false;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > BLANK) hash = mix(hash, unit);
    else if (isWithinWord) hash = mix(hash, BLANK);
    isWithinWord = unit > BLANK;
  }
  return (isWithinWord ? mix(hash, BLANK) : hash) >>> 0;
}

function mix(hash: number, unit: number): number {
  return Math.imul(hash ^ unit, PRIME);
}
