/** Requests of llama.cpp's own protocol. A model may be named in the body or in the query. Pure. */

import { JSON_TYPE } from '../call.ts';
import type { ParsedCall } from '../call.ts';
import { invalidField, requestFields } from '../fields.ts';
import { NATIVE_STREAM_END } from './infill.ts';
import { llamaCppWire } from './wire.ts';

/** Those that take a slot. */
export const NATIVE_COMPLETIONS = ['/completion', '/infill'] as const;
/** Those that only read or write text. */
export const TEXT_ENDPOINTS = ['/tokenize', '/detokenize', '/apply-template'] as const;
/** What an engine tells of itself. */
export const STATE_ENDPOINTS = ['/props', '/slots'] as const;

export type NativeCompletion = (typeof NATIVE_COMPLETIONS)[number];
export type TextEndpoint = (typeof TEXT_ENDPOINTS)[number];
export type StateEndpoint = (typeof STATE_ENDPOINTS)[number];

/** `usual` is the model of a request that names none; null where there is no one to take. */
export function parseNative(endpoint: NativeCompletion, body: Buffer, usual: string | null): ParsedCall {
  const fields = requestFields(body);
  if (fields === null) return { kind: 'invalid', error: invalidField(null, 'the body is not a JSON object') };
  const model = fields['model'] ?? usual;
  if (typeof model !== 'string' || model === '') return { kind: 'invalid', error: unnamedModel() };
  const limit = fields['n_predict'];
  const engineCall = {
    path: endpoint,
    contentType: JSON_TYPE,
    body,
    streamEnd: NATIVE_STREAM_END,
    telling: null,
  };
  return {
    kind: 'ok',
    call: {
      model,
      stream: fields['stream'] === true,
      maxTokens: typeof limit === 'number' ? limit : null,
      wire: llamaCppWire,
      conversation: fields,
      forEngine: () => engineCall,
    },
  };
}

export function unnamedModel() {
  return invalidField('model', 'name the "model", in the body or as ?model=: there is more than one');
}
