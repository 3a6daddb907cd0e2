/**
 * Turns of a chat as every template takes them: one system message, at the beginning, and no two turns of a user in a
 * row. What a client says as the system later on stays in its place, so that what was read before stays in the cache.
 * Pure.
 */

import { textOf } from '../fields.ts';
import type { Fields } from '../fields.ts';

export function plainTurns(messages: readonly Fields[]): readonly Fields[] {
  const turns: Fields[] = [];
  for (const message of messages) {
    const isLate = turns.length > 1 || (turns.length === 1 && turns[0]?.['role'] !== 'system');
    const next = isLate && message['role'] === 'system' ? reminder(message) : message;
    const last = turns.at(-1);
    if (last === undefined || !isOneTurn(last, next)) turns.push(next);
    else turns[turns.length - 1] = { ...last, content: joined(last['content'], next['content']) };
  }
  return turns;
}

function isOneTurn(last: Fields, next: Fields): boolean {
  return last['role'] === next['role'] && (next['role'] === 'system' || next['role'] === 'user');
}

/** The user does not say it, but it stands in his turn. */
function reminder({ content }: Fields): Fields {
  const text = partsOf(content).map((part) => textOf(part['text']));
  return { role: 'user', content: `<system-reminder>\n${text.join('\n\n')}\n</system-reminder>` };
}

function joined(first: unknown, second: unknown): unknown {
  if (typeof first === 'string' && typeof second === 'string') return `${first}\n\n${second}`;
  return [...partsOf(first), ...partsOf(second)];
}

function partsOf(content: unknown): readonly Fields[] {
  return Array.isArray(content) ? (content as readonly Fields[]) : [{ type: 'text', text: textOf(content) }]; // parts are made here
}
