/** How many tokens a prompt has, as the tokeniser of an engine says. Takes no slot. */

import { engineError } from '../door/told-sink.ts';
import { fieldsOf, textOf, toBytes } from '../protocols/fields.ts';
import type { Fields } from '../protocols/fields.ts';
import type { SmallAnswer } from '../relay/upstream.ts';
import type { Prompt } from './prompt.ts';

/** A small question to one engine. Rejects when it does not answer. */
export type AskEngine = (path: string, body: Buffer) => Promise<SmallAnswer>;

/** Of several texts the longest. Rejects with what the engine has against it. */
export async function countTokens(prompt: Prompt, ask: AskEngine): Promise<number> {
  if (prompt.kind === 'chat') return countChat(prompt.chat, ask);
  const counts = await Promise.all(prompt.texts.map((text) => countText(text, ask)));
  return Math.max(0, ...counts);
}

async function countChat(chat: Fields, ask: AskEngine): Promise<number> {
  const rendered = whole(await ask('/apply-template', toBytes(chat)));
  return countText(textOf(rendered['prompt']), ask);
}

async function countText(content: string, ask: AskEngine): Promise<number> {
  const { tokens } = whole(await ask('/tokenize', toBytes({ content, add_special: true, parse_special: true })));
  return Array.isArray(tokens) ? tokens.length : 0;
}

/** An answer of status 200 as its fields. */
function whole({ status, body }: SmallAnswer): Fields {
  if (status >= 400) throw engineError(status, body.toString('utf8'));
  return fieldsOf(body.toString('utf8')) ?? {};
}
