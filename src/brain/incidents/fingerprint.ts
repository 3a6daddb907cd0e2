/** What makes two failures of one step the same: their class and the end of what they said, without what differs by item. Pure. */

import { createHash } from 'node:crypto';

import type { FailureClass } from '../../contract/index.ts';

export interface Failure {
  readonly step: string;
  readonly class: FailureClass;
  readonly reason: string;
  readonly tail: string | null;
  /** Of the item that the task was made of; null for none. */
  readonly itemKey: string | null;
}

/** Lines from the end that are compared. */
const LINES = 3;

export function fingerprintOf(failure: Failure): string {
  const said = failure.tail?.trim() === '' || failure.tail === null ? failure.reason : failure.tail;
  const lines = said
    .trimEnd()
    .split('\n')
    .slice(-LINES)
    .map((line) => normalise(line, failure.itemKey));
  return createHash('sha256')
    .update([failure.step, failure.class, ...lines].join('\n'))
    .digest('hex')
    .slice(0, 16);
}

function normalise(line: string, itemKey: string | null): string {
  const general = isWord(itemKey) ? line.replaceAll(wholeWord(itemKey), 'ITEM') : line;
  return general
    .trim()
    .toLowerCase()
    .replaceAll(/\S*\/\S*/g, 'PATH')
    .replaceAll(/0x[0-9a-f]+|\b[0-9a-f]{8,}\b/g, '#')
    .replaceAll(/\d+/g, '#')
    .replaceAll(/\s+/g, ' ');
}

/** A number is generalised as all numbers are: as an item it would hit the line number of every message. */
function isWord(itemKey: string | null): itemKey is string {
  return itemKey !== null && /\D/.test(itemKey);
}

function wholeWord(text: string): RegExp {
  return new RegExp(`(?<!\\w)${text.replaceAll(/[.*+?^${}()|[\]\\/-]/g, String.raw`\$&`)}(?!\\w)`, 'g');
}
