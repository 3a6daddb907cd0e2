/** Whether a prompt and its answer can fit the context of a model, by what is certain before anybody counts tokens. Pure. */

/** Of an answer whose task does not say how long it may be. A model that never ends by itself ends here. */
export const DEFAULT_MAX_TOKENS = 1_024;

/** No tokeniser of text takes more of it for one token on average; a run of one character counts once. */
const MOST_BYTES_PER_TOKEN = 8;

/** Tokens that the text has at least. */
export function leastTokens(text: string): number {
  return Math.ceil(Buffer.byteLength(text.replaceAll(/(.)\1{3,}/gsu, '$1')) / MOST_BYTES_PER_TOKEN);
}

interface RoomQuestion {
  readonly model: string;
  /** All that goes in. */
  readonly text: string;
  /** As the task has it; absent: the default, which gives way. */
  readonly maxTokens?: number | undefined;
  /** Null where nobody knows. */
  readonly contextTokens: number | null;
}

type Room =
  | { readonly kind: 'fits'; readonly maxTokens: number }
  | { readonly kind: 'too-long'; readonly reason: string };

export function roomFor({ model, text, maxTokens, contextTokens }: RoomQuestion): Room {
  const wanted = maxTokens ?? DEFAULT_MAX_TOKENS;
  if (contextTokens === null) return { kind: 'fits', maxTokens: wanted };
  const prompt = leastTokens(text);
  const answer = maxTokens ?? 1;
  if (prompt + answer <= contextTokens) {
    return { kind: 'fits', maxTokens: Math.min(wanted, Math.max(1, contextTokens - prompt)) };
  }
  const parts = `at least ${prompt} tokens of prompt (${Buffer.byteLength(text)} bytes) + ${answer} of answer`;
  const reason = `too long for ${model}: ${parts} = ${prompt + answer}, and its context has ${contextTokens}`;
  return { kind: 'too-long', reason };
}
