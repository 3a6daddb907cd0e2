/** Input items of the Responses API as messages of a chat completion. Pure; throws an AppError that names the place. */

import { invalidField, isFields, listOf, textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';
import { toolNameIn } from './tool-names.ts';

export function chatMessagesOf(input: unknown): readonly Fields[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }];
  if (!Array.isArray(input)) throw invalidField('input', '"input" must be a text or a list of items');
  return joinCalls(messagesOf(input));
}

/** Pictures that tools bring come when all of them have said what they say: a chat takes their results in one row. */
function messagesOf(items: readonly unknown[]): readonly Fields[] {
  const messages: Fields[] = [];
  let shown: readonly Fields[] = [];
  const show = (): void => {
    if (shown.length > 0) messages.push({ role: 'user', content: shown });
    shown = [];
  };
  items.forEach((item, at) => {
    const isResult = isFields(item) && item['type'] === 'function_call_output';
    if (!isResult) show();
    messages.push(...messagesOfItem(item, at));
    if (isResult) shown = [...shown, ...partsOf(item['output'], at).filter(isPicture)];
  });
  show();
  return messages;
}

/** Items that a chat has no place for (what was reasoned, calls of tools that others run) are left out. */
function messagesOfItem(item: unknown, at: number): readonly Fields[] {
  if (!isFields(item)) throw invalidField('input', `input[${at}] must be an object`);
  switch (item['type'] ?? 'message') {
    case 'message':
      return [message(item, at)];
    case 'function_call': {
      const { call_id: id, arguments: args } = item;
      const call = { id: textOf(id), type: 'function', function: { name: toolNameIn(item), arguments: textOf(args) } };
      return [{ role: 'assistant', content: '', tool_calls: [call] }];
    }
    case 'function_call_output':
      return [{ role: 'tool', tool_call_id: textOf(item['call_id']), content: outputText(item['output'], at) }];
    default:
      return [];
  }
}

/** Calls that were made in one turn belong to one message, with what was said before them. */
function joinCalls(messages: readonly Fields[]): readonly Fields[] {
  const joined: Fields[] = [];
  for (const next of messages) {
    const last = joined.at(-1);
    const isCall = next['tool_calls'] !== undefined;
    if (isCall && last?.['role'] === 'assistant') {
      joined.pop();
      joined.push({ ...last, tool_calls: [...listOf(last['tool_calls']), ...listOf(next['tool_calls'])] });
    } else {
      joined.push(next);
    }
  }
  return joined;
}

function message({ role, content }: Fields, at: number): Fields {
  if (typeof role !== 'string') throw invalidField('input', `input[${at}] has no "role"`);
  const chatRole = role === 'developer' ? 'system' : role;
  if (typeof content === 'string') return { role: chatRole, content };
  if (!Array.isArray(content)) throw invalidField('input', `input[${at}].content must be a text or a list of parts`);
  const parts = content.map((part) => chatPart(part, at));
  const texts = parts.filter(({ type }) => type === 'text').map((part) => textOf(part['text']));
  return { role: chatRole, content: texts.length === parts.length ? texts.join('') : parts };
}

function chatPart(part: unknown, at: number): Fields {
  const { type, text, image_url: url, refusal } = isFields(part) ? part : {};
  if (type === 'input_text' || type === 'output_text' || type === 'text') return { type: 'text', text: textOf(text) };
  if (type === 'refusal') return { type: 'text', text: textOf(refusal) };
  if (type === 'input_image' && typeof url === 'string') return { type: 'image_url', image_url: { url } };
  throw invalidField('input', `input[${at}]: a part of type "${String(type)}" cannot be given to a local model`);
}

function outputText(output: unknown, at: number): string {
  if (typeof output === 'string') return output;
  return partsOf(output, at)
    .map((part) => textOf(part['text']))
    .join('');
}

/** None of an output that is a text. */
function partsOf(output: unknown, at: number): readonly Fields[] {
  return listOf(output).map((part) => chatPart(part, at));
}

function isPicture({ type }: Fields): boolean {
  return type === 'image_url';
}
