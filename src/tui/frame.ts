/** What to send to a terminal so that it shows a frame: the lines that changed, each at its place. Pure. */

const CURSOR_HOME_AND_CLEAR = '\u001b[H\u001b[2J';
/** Before the line is written: behind one that fills its row, the cursor stands on its last character. */
const CLEAR_LINE = '\u001b[2K';

/** `shown` is what the terminal shows now; null when that is not known, and everything is drawn. */
export function frameChanges(shown: readonly string[] | null, frame: readonly string[]): string {
  const before = shown ?? [];
  const rows = Math.max(before.length, frame.length);
  const changes = Array.from({ length: rows }, (_, row) => {
    const line = frame[row] ?? '';
    return line === (before[row] ?? '') ? '' : `${cursorTo(row)}${CLEAR_LINE}${line}`;
  });
  return (shown === null ? CURSOR_HOME_AND_CLEAR : '') + changes.join('');
}

function cursorTo(row: number): string {
  return `\u001b[${row + 1};1H`;
}
