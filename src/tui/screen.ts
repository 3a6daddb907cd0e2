/**
 * The terminal while the dashboard has it: alternate screen, hidden cursor, frames drawn line by line. Gives it back
 * exactly once, whatever ends the process short of SIGKILL.
 */

import { frameChanges } from './frame.ts';
import type { Size } from './state.ts';

/** A terminal's output, such as `process.stdout`. */
export interface TerminalOutput {
  write(text: string): boolean;
  on(event: 'resize', listener: () => void): unknown;
  off(event: 'resize', listener: () => void): unknown;
  readonly columns: number;
  readonly rows: number;
}

/** The end of the process, such as `process`. */
export interface ProcessEnd {
  once(event: 'exit', listener: () => void): unknown;
  off(event: 'exit', listener: () => void): unknown;
}

interface Screen extends Disposable {
  size(): Size;
  /** One painted line for each row; only what changed is sent. */
  draw(frame: readonly string[]): void;
}

/** Alternate screen, no cursor, no wrapping of long lines; and back, in the opposite order. */
const ENTER = '\u001b[?1049h\u001b[?25l\u001b[?7l';
const LEAVE = '\u001b[0m\u001b[?7h\u001b[?25h\u001b[?1049l';

export function openScreen(output: TerminalOutput, end: ProcessEnd, onResize: (size: Size) => void): Screen {
  let shown: readonly string[] | null = null;
  let isOpen = true;
  const size = (): Size => ({ columns: output.columns, rows: output.rows });

  function resized(): void {
    // Terminals move what they show when they change their size: nothing of it is where it was.
    shown = null;
    onResize(size());
  }

  function leave(): void {
    if (!isOpen) return;
    isOpen = false;
    output.off('resize', resized);
    end.off('exit', leave);
    output.write(LEAVE);
  }

  output.on('resize', resized);
  end.once('exit', leave);
  output.write(ENTER);
  return {
    size,
    draw(frame) {
      if (!isOpen) return;
      const changes = frameChanges(shown, frame);
      shown = frame;
      if (changes !== '') output.write(changes);
    },
    [Symbol.dispose]: leave,
  };
}
