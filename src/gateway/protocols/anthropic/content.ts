/** Content blocks of Anthropic's messages as messages of a chat completion. Pure; throws an AppError that names the place. */

import { invalidField, isFields, listOf, textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';

/** A line that changes with every request of Claude Code: with it no prompt would ever be found in a cache. */
const BILLING_LINE = 'x-anthropic-billing-header';

/** The system prompt as one text; null when there is none. */
export function systemText(system: unknown): string | null {
  const texts = typeof system === 'string' ? [system] : listOf(system).map((block) => blockText(block, 'system'));
  const kept = texts.filter((text) => text !== '' && !text.startsWith(BILLING_LINE));
  return kept.length === 0 ? null : kept.join('\n\n');
}

/** The same system prompt without the line that changes. */
export function withoutBilling(system: unknown): unknown {
  if (typeof system === 'string') return system.startsWith(BILLING_LINE) ? '' : system;
  const isBilling = (block: unknown): boolean => isFields(block) && textOf(block['text']).startsWith(BILLING_LINE);
  return Array.isArray(system) ? system.filter((block) => !isBilling(block)) : system;
}

/** One message; tool results become messages of their own, before their pictures and what the user says with them. */
export function chatMessages(message: unknown, at: number): readonly Fields[] {
  const place = `messages[${at}]`;
  if (!isFields(message)) throw invalidField('messages', `${place} must be an object`);
  const { role, content } = message;
  if (role !== 'user' && role !== 'assistant' && role !== 'system') {
    throw invalidField('messages', `${place}.role must be "user" or "assistant"`);
  }
  if (typeof content === 'string') return [{ role, content }];
  if (!Array.isArray(content)) throw invalidField('messages', `${place}.content must be a text or a list of blocks`);
  const blocks = content.map((block) => knownBlock(block, place));
  return role === 'assistant' ? [assistantMessage(blocks)] : userMessages(role, blocks, place);
}

function knownBlock(block: unknown, place: string): Fields {
  if (isFields(block) && typeof block['type'] === 'string') return block;
  throw invalidField('messages', `${place}: a block must be an object with a "type"`);
}

/** What the model thought is told to it again: its template says of which turns. */
function assistantMessage(blocks: readonly Fields[]): Fields {
  const text = blocks.filter(isText).map((block) => textOf(block['text']));
  const thought = blocks.map((block) => textOf(block['thinking'])).join('');
  const calls = blocks.filter(({ type }) => type === 'tool_use').map(toolCall);
  return {
    role: 'assistant',
    content: text.join(''),
    ...(thought === '' ? {} : { reasoning_content: thought }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

function toolCall(block: Fields): Fields {
  const input = JSON.stringify(block['input'] ?? {});
  return { id: textOf(block['id']), type: 'function', function: { name: textOf(block['name']), arguments: input } };
}

function userMessages(role: string, blocks: readonly Fields[], place: string): readonly Fields[] {
  const results = blocks.filter(isToolResult).map((block) => toolMessage(block, place));
  const shown = blocks.filter(isToolResult).flatMap(({ content }) => listOf(content).filter(isImage));
  const said = [...shown, ...blocks.filter((block) => !isToolResult(block))];
  if (said.length === 0) return results;
  const content = said.every(isText)
    ? said.map((block) => textOf(block['text'])).join('\n\n')
    : said.map((block) => chatPart(block, place));
  return [...results, { role, content }];
}

function toolMessage(block: Fields, place: string): Fields {
  const { content } = block;
  const text =
    typeof content === 'string'
      ? content
      : listOf(content)
          .filter((part) => !isImage(part))
          .map((part) => blockText(part, place))
          .join('\n');
  const told = block['is_error'] === true ? `Error: ${text}` : text;
  return { role: 'tool', tool_call_id: textOf(block['tool_use_id']), content: told };
}

function chatPart(block: Fields, place: string): Fields {
  if (isImage(block)) return { type: 'image_url', image_url: { url: imageUrl(block['source'], place) } };
  return { type: 'text', text: blockText(block, place) };
}

function imageUrl(source: unknown, place: string): string {
  const { type, media_type: media, data, url } = isFields(source) ? source : {};
  if (type === 'url' && typeof url === 'string') return url;
  if (type === 'base64' && typeof data === 'string') return `data:${textOf(media)};base64,${data}`;
  throw invalidField('messages', `${place}: the source of an image must be "base64" or "url"`);
}

function blockText(block: unknown, place: string): string {
  if (isFields(block)) {
    if (isText(block)) return textOf(block['text']);
    const source = isFields(block['source']) ? block['source'] : {};
    if (block['type'] === 'document' && source['type'] === 'text') return textOf(source['data']);
    if (block['type'] === 'tool_reference') return textOf(block['tool_name']);
  }
  const type = isFields(block) ? String(block['type']) : typeof block;
  throw invalidField('messages', `${place}: a block of type "${type}" cannot be given to a local model`);
}

function isImage(block: unknown): block is Fields {
  return isFields(block) && block['type'] === 'image';
}

function isText({ type }: Fields): boolean {
  return type === 'text';
}

function isToolResult({ type }: Fields): boolean {
  return type === 'tool_result';
}
