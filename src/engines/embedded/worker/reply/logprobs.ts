/** Probabilities of said tokens in the shape of llama-server. Pure. */

import type { Candidate, SaidToken } from '../batching/generation.ts';

export interface TokenSpeller {
  detokenize(tokens: readonly number[]): string;
  bytesOf(token: number): Uint8Array;
}

export function logprobsBody(said: readonly SaidToken[], speller: TokenSpeller): object {
  return {
    content: said.map((each) => ({
      ...spelled(each, speller),
      top_logprobs: each.top.map((top) => spelled(top, speller)),
    })),
  };
}

/** JSON has no infinity: a token that the model excluded is told with the smallest number that OpenAI uses. */
const LEAST = -9999;

function spelled({ token, logprob }: Candidate, speller: TokenSpeller): object {
  return {
    id: token,
    token: speller.detokenize([token]),
    bytes: [...speller.bytesOf(token)],
    logprob: Math.max(LEAST, logprob),
  };
}
