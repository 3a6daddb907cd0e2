/** The help: every key, from the table that the keys themselves come from. Pure. */

import { KEY_TABLE } from '../keys.ts';
import type { Line } from '../line.ts';
import { fit } from '../text.ts';

const KEY_WIDTH = 6;

export function helpLines(top: number): readonly Line[] {
  return KEY_TABLE.slice(top).map(({ shown, brief }) => [
    { text: `  ${fit(shown, KEY_WIDTH)}`, bold: true, tone: 'cyan' },
    { text: brief },
  ]);
}
