/** The error of a prompt that is too long, whoever has noticed it. Pure. */

import { AppError } from '../../contract/errors.ts';

/** In the words that clients look for when they decide to shorten their chat. */
export function contextExceeded(tokens: number, context: number): AppError {
  return new AppError('CONTEXT_LENGTH_EXCEEDED', `prompt is too long: ${tokens} tokens > ${context - 1} maximum`, {
    hint: 'shorten it, or raise model.context_size of the instance, as far as its model was made for more',
    detail: { prompt_tokens: tokens, context_tokens: context },
  });
}
