/** What an engine answers with an error status, in words of ours. Pure. */

import { AppError } from '../../contract/errors.ts';
import { contextExceeded } from '../context/context-error.ts';
import { fieldsOf, isFields, numberOf, textOf } from '../protocols/fields.ts';

/** What engines say of a prompt that their context does not hold; a name that llama.cpp's own clients know. */
const CONTEXT_VERDICT = 'exceed_context_size_error';

/** What llama.cpp says, with the status of a crash, of a picture or a sound that its model cannot take. */
const INPUT_VERDICT = ' input is not supported';

/** The error of ours that says the same. */
export function engineError(status: number, body: string): AppError {
  const error = fieldsOf(body)?.['error'];
  const { message, type, n_prompt_tokens: tokens, n_ctx: context } = isFields(error) ? error : { message: error };
  const text = textOf(message) === '' ? `the engine answered ${status}` : textOf(message);
  if (type === CONTEXT_VERDICT && numberOf(context) > 0) {
    return contextExceeded(numberOf(tokens), numberOf(context));
  }
  return new AppError(codeOf(status), text);
}

/** What an error status of an engine comes to. */
export function codeOf(status: number): 'ENGINE_FAILED' | 'INVALID_REQUEST' {
  return isEnginesFault(status) ? 'ENGINE_FAILED' : 'INVALID_REQUEST';
}

/** 501: the model, or the way it was started, cannot do this, and it is sound. */
export function isEnginesFault(status: number): boolean {
  return status >= 500 && status !== 501;
}

/**
 * The request asks too much of this engine, which is sound, but whose own words would be taken for something else: for a
 * crash, or for a wrong address. Null: its words will do.
 */
export function beyondEngine(path: string, status: number, body: Buffer): AppError | null {
  if (status === 400 && body.includes(CONTEXT_VERDICT)) return engineError(status, body.toString('utf8'));
  if (status === 500 && body.includes(INPUT_VERDICT)) return engineError(501, body.toString('utf8'));
  // a 404 that speaks of a model is about its name
  return status === 404 && !body.includes('model') ? unserved(path) : null;
}

/** A success in which no object lies where one is due: the page of a proxy, an answer that was cut, nothing at all. */
export function isGarbled(path: string, status: number, body: Buffer): boolean {
  return status < 300 && !SOUND_OR_PICTURE.test(path) && !isObject(body);
}

/** By its ends: whole answers are not read on their way. A list is what a llama-server's own embeddings are. */
function isObject(body: Buffer): boolean {
  const text = body.toString('latin1').trim();
  return (text.startsWith('{') && text.endsWith('}')) || (text.startsWith('[') && text.endsWith(']'));
}

const SOUND_OR_PICTURE = /^\/v1\/(audio|images)\//;

function unserved(path: string): AppError {
  const what = SOUND_OR_PICTURE.exec(path)?.[1];
  const lack = what === undefined ? '' : `this model has no ${what}: `;
  return new AppError('INVALID_REQUEST', `${lack}its engine does not serve ${path}`);
}
