/** A page that is drawn again and again over itself: as much of it as the terminal shows. Pure. */

import { cutTo } from './table.ts';

interface ScreenSize {
  readonly columns: number;
  readonly rows: number;
}

/** To the top left corner, and everything below it gone. */
const CLEAR = '\u001b[H\u001b[J';

/** No line wraps, and what is left over below is counted in the last line. Text without colours. */
export function toScreen(text: string, { columns, rows }: ScreenSize): string {
  const lines = text.trimEnd().split('\n');
  const room = Math.max(2, rows) - 1; // the cursor stands in the last one
  const kept = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
  return `${CLEAR}${kept.map((line) => `${cutTo(columns, line)}\n`).join('')}`;
}
