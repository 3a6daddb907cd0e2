/** A call of an engine's chat completions made here: for a client of another protocol, or for a caller in this process. Pure. */

import { JSON_TYPE } from '../call.ts';
import type { EngineCall, Telling } from '../call.ts';
import { toBytes } from '../fields.ts';
import type { Fields } from '../fields.ts';

export const STREAM_DONE = 'data: [DONE]';

/** `body` without `stream`: a streamed answer also has to say what it took. */
export function chatCall(body: Fields, stream: boolean, telling: Telling | null): EngineCall {
  const streaming = stream ? { stream: true, stream_options: { include_usage: true } } : { stream: false };
  return {
    path: '/v1/chat/completions',
    contentType: JSON_TYPE,
    body: toBytes({ ...body, ...streaming }),
    streamEnd: STREAM_DONE,
    telling,
  };
}
