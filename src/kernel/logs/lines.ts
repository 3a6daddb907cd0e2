/** Whole lines out of pieces of text, each of bounded length. Pure. */

interface LineAssembler {
  /** The lines that this piece completes, with their newlines; empty when there is none. */
  push(text: string): string;
  /** What is left without a newline. */
  flush(): string;
}

/** A longer line is cut, and says by how much; nothing beyond the limit is kept in memory. */
export function createLineAssembler(maxLineChars: number): LineAssembler {
  let partial = '';
  let dropped = 0;

  const add = (piece: string): void => {
    const room = maxLineChars - partial.length;
    partial += piece.length > room ? piece.slice(0, room) : piece;
    dropped += Math.max(0, piece.length - room);
  };

  const take = (): string => {
    const line = dropped === 0 ? partial : `${partial} …[${dropped} more]`;
    partial = '';
    dropped = 0;
    return line;
  };

  return {
    push(text) {
      const pieces = text.split('\n');
      const last = pieces.pop() ?? '';
      const lines = pieces.map((piece) => (add(piece), `${take()}\n`));
      add(last);
      return lines.join('');
    },
    flush: take,
  };
}
