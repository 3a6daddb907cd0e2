/** The error that an engine tells within its event stream, in the place of whatever was still to come. Pure. */

import { fieldsOf, isFields, numberOf, textOf, toBytes } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';

export interface StreamError {
  /** Whole frames that came before it. */
  readonly before: Buffer;
  readonly message: string;
  /** What it would have been as an answer: the status that it names, 500 where it names none. */
  readonly status: number;
  readonly body: Buffer;
}

/** Within the text of a model quotes are escaped. A buffer, because looking for a text converts it each time. */
const NAME = Buffer.from('"error"');
const LF = 0x0a;

/** Null for frames without one. */
export function streamErrorIn(frames: Buffer): StreamError | null {
  for (let at = frames.indexOf(NAME); at !== -1; at = frames.indexOf(NAME, at + NAME.length)) {
    const line = frames.lastIndexOf(LF, at) + 1;
    const end = frames.indexOf(LF, at);
    const error = errorOf(frames.toString('utf8', line, end === -1 ? frames.length : end));
    if (error !== null) return told(frames.subarray(0, line), error);
  }
  return null;
}

function errorOf(line: string): Fields | null {
  const error = line.startsWith('data:') ? fieldsOf(line.slice('data:'.length))?.['error'] : null;
  if (isFields(error)) return error;
  return textOf(error) === '' ? null : { message: error };
}

function told(before: Buffer, error: Fields): StreamError {
  const code = numberOf(error['code']);
  return {
    before,
    message: textOf(error['message']) || 'it told an error and no reason',
    status: code >= 400 && code < 600 ? code : 500,
    body: toBytes({ error }),
  };
}
