/** The prompt of a request as an engine will read it, and what its bytes alone say about its tokens. Pure. */

import { JSON_TYPE } from '../protocols/call.ts';
import type { EngineCall } from '../protocols/call.ts';
import { given, isFields, listOf, parseFields, textOf } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';

export type Prompt =
  /** The fields that a chat template is filled with. */
  | { readonly kind: 'chat'; readonly chat: Fields }
  /** Read one by one: each of them has to fit. */
  | { readonly kind: 'texts'; readonly texts: readonly string[] };

/** Null where nobody but the engine can say how long it is: pictures, sound, token numbers. */
export function promptOf({ path, contentType, body }: EngineCall): Prompt | null {
  const fields = contentType === JSON_TYPE ? parseFields(body) : null;
  if (fields === null) return null;
  switch (path) {
    case '/v1/chat/completions':
      return chatPrompt(fields);
    case '/v1/completions':
    case '/completion':
      return textPrompt(fields['prompt']);
    case '/v1/embeddings':
      return textPrompt(fields['input']);
    default:
      return null;
  }
}

function chatPrompt({ messages, tools, chat_template_kwargs: wishes }: Fields): Prompt | null {
  const isReadable = listOf(messages).every((message) => isFields(message) && isText(message['content']));
  return isReadable ? { kind: 'chat', chat: given({ messages, tools, chat_template_kwargs: wishes }) } : null;
}

function isText(content: unknown): boolean {
  return !Array.isArray(content) || content.every((part) => isFields(part) && part['type'] === 'text');
}

function textPrompt(value: unknown): Prompt | null {
  const texts = Array.isArray(value) ? value : [value];
  return texts.every((text) => typeof text === 'string') ? { kind: 'texts', texts } : null;
}

/** Tokens of one request that the instances of a model take: of the tightest and of the roomiest. */
export interface ContextRange {
  readonly smallest: number;
  readonly roomiest: number;
}

/** What chat templates add of their own: a system prompt, a date, how tools are called. */
const TEMPLATE_BYTES = 2_048;
/** No token of any vocabulary stands for more; the longest known are runs of 128 blanks. */
const LONGEST_TOKEN_BYTES = 512;

/** A token stands for at least one byte, and escaping only adds bytes. */
export function surelyFits(bodyBytes: number, { smallest }: ContextRange): boolean {
  return bodyBytes + TEMPLATE_BYTES < smallest;
}

export function surelyTooLong(prompt: Prompt, range: ContextRange): boolean {
  return leastTokens(prompt) >= range.roomiest;
}

/** Not more than it has in truth. */
export function leastTokens(prompt: Prompt): number {
  return Math.ceil(Math.max(0, ...pieces(prompt).map((text) => Buffer.byteLength(text))) / LONGEST_TOKEN_BYTES);
}

/** Of a chat, all that is said is read at once. */
function pieces(prompt: Prompt): readonly string[] {
  if (prompt.kind === 'texts') return prompt.texts;
  const said = listOf(prompt.chat['messages']).flatMap((message) => (isFields(message) ? message['content'] : []));
  return [said.map((part) => (isFields(part) ? textOf(part['text']) : textOf(part))).join('')];
}
