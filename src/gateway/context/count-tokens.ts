/** How many tokens a prompt has, as the tokeniser of an engine says. Takes no slot. */

import { fieldsOf, numberOf, textOf, toBytes } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';
import { engineError } from '../relay/engine-error.ts';
import type { SmallAnswer } from '../relay/upstream.ts';
import type { Prompt } from './prompt.ts';

/** Says in one answer how many tokens a chat has. */
export const CHAT_TOKENS_PATH = '/v1/chat/completions/input_tokens';

/** A small question to one engine. Rejects when it does not answer. */
type AskEngine = (path: string, body: Buffer) => Promise<SmallAnswer>;

/** Of several texts the longest. Rejects with what the engine has against it. */
export async function countTokens(prompt: Prompt, ask: AskEngine): Promise<number> {
  if (prompt.kind === 'chat') return countChat(prompt.chat, ask);
  const counts = await Promise.all(prompt.texts.map((text) => countText(text, ask)));
  return Math.max(0, ...counts);
}

/** One question says it; an engine that does not know it yet is asked for the prompt, and then for its tokens. */
async function countChat(chat: Fields, ask: AskEngine): Promise<number> {
  const counted = await ask(CHAT_TOKENS_PATH, toBytes(chat));
  if (!isUnserved(counted)) return numberOf(whole(counted)['input_tokens']);
  const rendered = whole(await ask('/apply-template', toBytes(chat)));
  return countText(textOf(rendered['prompt']), ask);
}

async function countText(content: string, ask: AskEngine): Promise<number> {
  const { tokens } = whole(await ask('/tokenize', toBytes({ content, add_special: true, parse_special: true })));
  return Array.isArray(tokens) ? tokens.length : 0;
}

/** The engine has no such route. */
export function isUnserved({ status }: SmallAnswer): boolean {
  return status === 404 || status === 405;
}

/** An answer of status 200 as its fields. */
function whole({ status, body }: SmallAnswer): Fields {
  if (status >= 400) throw engineError(status, body.toString('utf8'));
  return fieldsOf(body.toString('utf8')) ?? {};
}
