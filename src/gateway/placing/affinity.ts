/**
 * By what requests of one conversation are known to belong together, so that they meet the same engine and the prompt
 * that it has cached. In the order of how sure it is: a session that the client names, then the opening of the prompt.
 */

import type { IncomingHttpHeaders } from 'node:http';

import { withoutBilling } from '../protocols/anthropic/content.ts';
import { fieldsOf, isFields, listOf } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';
import { hashWords, NO_WORDS } from './text-hash.ts';

/** Null where nothing tells one conversation from another. */
export type Affinity = () => string | null;

export const NO_AFFINITY: Affinity = () => null;

/** Names of clients for a session, the surest first. */
const SESSION_HEADERS = ['x-session-id', 'session_id', 'x-opencode-session', 'x-openwebui-chat-id'] as const;
/** Fields that carry one, of the body. */
const SESSION_FIELDS = ['session_id', 'prompt_cache_key', 'conversation', 'previous_response_id'] as const;
const LONGEST_SESSION = 512;
/** Of one block: enough to tell conversations apart, and little to read. */
const BLOCK_CHARACTERS = 8 * 1024;

/** Worked out when it is first asked for, and once: most requests have no choice between instances. */
export function affinityOf(headers: IncomingHttpHeaders, fields: Fields): Affinity {
  let key: string | null | undefined;
  return () => (key === undefined ? (key = keyOf(headers, fields)) : key);
}

function keyOf(headers: IncomingHttpHeaders, fields: Fields): string | null {
  const session = headerSession(headers) ?? bodySession(fields);
  return session === null ? openingOf(fields) : `session ${session}`;
}

function headerSession(headers: IncomingHttpHeaders): string | null {
  return firstText(SESSION_HEADERS.map((name) => headers[name]));
}

function bodySession(fields: Fields): string | null {
  return claudeSession(fields['metadata']) ?? firstText(SESSION_FIELDS.map((name) => textOrId(fields[name])));
}

/** Claude Code puts its session at the end of the id of its user, or names it in a JSON text there. */
function claudeSession(metadata: unknown): string | null {
  const userId = isFields(metadata) ? metadata['user_id'] : null;
  if (typeof userId !== 'string' || userId === '' || userId.length > LONGEST_SESSION) return null;
  if (userId.startsWith('{')) return firstText([fieldsOf(userId)?.['session_id']]);
  const mark = '_session_';
  const at = userId.lastIndexOf(mark);
  return at === -1 ? null : firstText([userId.slice(at + mark.length)]);
}

function textOrId(value: unknown): unknown {
  return isFields(value) ? value['id'] : value;
}

function firstText(values: readonly unknown[]): string | null {
  const isSession = (value: unknown): value is string =>
    typeof value === 'string' && value !== '' && value.length <= LONGEST_SESSION;
  return values.find(isSession) ?? null;
}

/**
 * What stays the same from turn to turn: instructions and tools, and what the user said first. Lines that change with
 * every request are no part of it, nor is how the white space lies.
 */
function openingOf(fields: Fields): string | null {
  const blocks = openingBlocks(fields).map(beginningOf);
  const opening = blocks.reduce((hash, block) => hashWords(block, hash), NO_WORDS);
  return opening === NO_WORDS ? null : `prefix ${opening}`;
}

function openingBlocks(fields: Fields): readonly unknown[] {
  const { system, instructions, messages, input, prompt, tools } = fields;
  const said = listOf(messages).length > 0 ? messages : input;
  const first = Array.isArray(said) ? throughFirstUser(said) : [said];
  return [withoutBilling(system), instructions, ...first, prompt, listOf(tools).map(toolName)];
}

/** The messages up to the first of the user, without what marks them as messages. */
function throughFirstUser(messages: readonly unknown[]): readonly unknown[] {
  const at = messages.findIndex((message) => isFields(message) && message['role'] === 'user');
  return messages.slice(0, at + 1).map((message) => (isFields(message) ? withoutBilling(message['content']) : message));
}

function toolName(tool: unknown): unknown {
  if (!isFields(tool)) return null;
  return isFields(tool['function']) ? tool['function']['name'] : tool['name'];
}

function beginningOf(block: unknown): string {
  const text = typeof block === 'string' ? block : textIn(block);
  return text.slice(0, BLOCK_CHARACTERS);
}

/** The text of content that comes in parts; pictures and the like do not count. */
function textIn(block: unknown): string {
  if (typeof block === 'string') return block;
  if (Array.isArray(block)) return block.map(textIn).join(' ');
  return isFields(block) && typeof block['text'] === 'string' ? block['text'] : '';
}
