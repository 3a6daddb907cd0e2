/** Cuts text that comes in pieces into lines of bounded length. Pure. */

/** A line longer than this is cut: no screen shows more. */
export const MAX_LINE_LENGTH = 2_000;

interface SplitText {
  readonly lines: readonly string[];
  /** Begins the next line; never longer than a line. */
  readonly rest: string;
}

export function splitLines(rest: string, chunk: string): SplitText {
  const pieces = (rest + chunk).split('\n');
  const open = pieces.pop() ?? '';
  return { lines: pieces.map(shownPart), rest: open.slice(0, MAX_LINE_LENGTH) };
}

/** Of a line that was written over with carriage returns, what was written last. */
function shownPart(line: string): string {
  const text = line.endsWith('\r') ? line.slice(0, -1) : line;
  return text.slice(text.lastIndexOf('\r') + 1).slice(0, MAX_LINE_LENGTH);
}
