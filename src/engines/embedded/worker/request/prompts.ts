/** The prompts of a text completion: texts and token numbers in the shapes that clients send them. Pure. */

import { ApiError } from '../api-error.ts';

interface PromptTools {
  /** Tokenises a whole prompt. */
  tokens(text: string): readonly number[];
  readonly vocabularySize: number;
  /** Several prompts may come in one request. */
  readonly many: boolean;
}

/** As OpenAI allows; each costs a generation. */
const MOST_PROMPTS = 256;

/** A text, token numbers, or a list of texts or of lists of token numbers. */
export function readPrompts(prompt: unknown, tools: PromptTools): readonly (readonly number[])[] {
  if (prompt === undefined || prompt === null) throw invalid('"prompt" is required');
  if (typeof prompt === 'string') return [notEmpty(tools.tokens(prompt))];
  if (!Array.isArray(prompt)) throw invalid('"prompt" must be a string or a list');
  if (prompt.length > 0 && prompt.every((part) => typeof part === 'number')) return [ownTokens(prompt, tools)];
  if (prompt.length > MOST_PROMPTS || (prompt.length > 1 && !tools.many)) {
    throw invalid(`"prompt" must be at most ${tools.many ? MOST_PROMPTS : 1} prompts`);
  }
  if (prompt.length === 0) throw invalid('"prompt" is empty');
  return prompt.map((part: unknown, at) => readPart(part, at, tools));
}

function readPart(part: unknown, at: number, tools: PromptTools): readonly number[] {
  if (typeof part === 'string') return notEmpty(tools.tokens(part));
  if (Array.isArray(part)) return notEmpty(ownTokens(part, tools));
  throw invalid(`"prompt"[${at}] must be a text or a list of token numbers`);
}

export function ownTokens(
  list: readonly unknown[],
  { vocabularySize }: Pick<PromptTools, 'vocabularySize'>,
): readonly number[] {
  return list.map((token) => {
    if (typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < vocabularySize) return token;
    throw invalid(`${JSON.stringify(token)} is no token of this model`);
  });
}

function notEmpty(tokens: readonly number[]): readonly number[] {
  if (tokens.length > 0) return tokens;
  throw invalid('"prompt" is empty');
}

function invalid(message: string): ApiError {
  return new ApiError('invalid_request_error', message);
}
