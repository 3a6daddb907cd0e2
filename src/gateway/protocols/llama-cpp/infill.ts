/** A text that is to be put between two others, as llama.cpp's `/infill`. Pure. */

import { JSON_TYPE } from '../call.ts';
import type { EngineCall, Telling } from '../call.ts';
import { toBytes, without } from '../fields.ts';
import type { Fields } from '../fields.ts';

/** The last frame of llama.cpp's own streams. */
export const NATIVE_STREAM_END = '"stop":true';

const RENAMED: ReadonlySet<string> = new Set(['prompt', 'suffix', 'max_tokens', 'stream_options']);

/** `body` is that of a text completion with a `suffix`. */
export function infillCall(body: Fields, telling: Telling): EngineCall {
  const { prompt, suffix, max_tokens: limit } = body;
  const parts = { input_prefix: prompt, input_suffix: suffix };
  const limited = limit === undefined || limit === null ? {} : { n_predict: limit };
  return {
    path: '/infill',
    contentType: JSON_TYPE,
    body: toBytes({ ...without(body, RENAMED), ...parts, ...limited }),
    streamEnd: NATIVE_STREAM_END,
    telling,
  };
}
