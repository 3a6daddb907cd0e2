/** Turns sampled tokens into text as they come, never splitting a character whose bytes span several tokens. */

const REPLACEMENT = '\uFFFD';
/** A character has at most four bytes; more tokens than this without a whole one are no text. */
const MOST_PENDING = 6;
const RECENT = 3;

interface TokenVocabulary {
  detokenize(tokens: readonly number[], recent: readonly number[]): string;
}

export interface TokenText {
  /** Text that is whole now; empty while a character is incomplete. */
  push(token: number): string;
  /** Whole characters still held at the end; an incomplete one is dropped. */
  flush(): string;
}

export function createTokenText(vocabulary: TokenVocabulary, prompt: readonly number[]): TokenText {
  let recent = prompt.slice(-RECENT);
  let pending: number[] = [];
  return {
    push(token) {
      pending.push(token);
      const text = vocabulary.detokenize(pending, recent);
      if (text.endsWith(REPLACEMENT) && pending.length < MOST_PENDING) return '';
      recent = [...recent, ...pending].slice(-RECENT);
      pending = [];
      return text;
    },
    flush() {
      const text = pending.length === 0 ? '' : vocabulary.detokenize(pending, recent);
      pending = [];
      return text.replace(/\uFFFD+$/, '');
    },
  };
}
