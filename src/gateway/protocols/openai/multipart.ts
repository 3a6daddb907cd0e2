/** Requests that are forms with files: passed on as they are; only the model's name is looked for. Pure. */

import type { ParsedCall } from '../call.ts';
import { STREAM_DONE } from '../chat/chat-call.ts';
import { invalidField } from '../fields.ts';
import { openAi } from './protocol.ts';

export const MULTIPART_ENDPOINTS = [
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
  '/v1/images/edits',
  '/v1/images/variations',
] as const;
export type MultipartEndpoint = (typeof MULTIPART_ENDPOINTS)[number];

/** Headers of a part are a few dozen bytes; a name of a model is short. */
const LONGEST_PART = 4 * 1024;

export function parseMultipart(endpoint: MultipartEndpoint, body: Buffer, contentType: string): ParsedCall {
  const boundary = /^multipart\/form-data\b.*;\s*boundary="?([^";]{1,200})"?/i.exec(contentType)?.[1];
  if (boundary === undefined) {
    return { kind: 'invalid', error: invalidField(null, 'the body must be of type multipart/form-data') };
  }
  const model = formField(body, boundary, 'model');
  if (model === null || model === '') {
    return { kind: 'invalid', error: invalidField('model', 'the form must have a field "model"') };
  }
  const engineCall = { path: endpoint, contentType, body, streamEnd: STREAM_DONE, telling: null };
  return {
    kind: 'ok',
    call: { model, stream: false, maxTokens: 0, wire: openAi, conversation: null, forEngine: () => engineCall },
  };
}

/** The text of one field that is no file; null when there is none. */
function formField(body: Buffer, boundary: string, name: string): string | null {
  const mark = Buffer.from(`--${boundary}`);
  for (let at = body.indexOf(mark); at !== -1; at = body.indexOf(mark, at + mark.length)) {
    const part = body.toString('utf8', at + mark.length, at + mark.length + LONGEST_PART);
    const value = fieldOfPart(part, name);
    if (value !== null) return value;
  }
  return null;
}

function fieldOfPart(part: string, name: string): string | null {
  const headEnd = part.indexOf('\r\n\r\n');
  if (headEnd === -1 || !part.slice(0, headEnd).includes(`name="${name}"`)) return null;
  const valueEnd = part.indexOf('\r\n', headEnd + 4);
  return valueEnd === -1 ? null : part.slice(headEnd + 4, valueEnd);
}
