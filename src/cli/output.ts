/** Where a command writes: text to a stream, with what a terminal allows. Knows no command. */

export interface TextStream {
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

export type Colour = 'green' | 'yellow' | 'red' | 'grey' | 'bold' | 'cyan';

export interface Output {
  readonly isTerminal: boolean;
  /** As the window is now. */
  readonly columns: number;
  readonly rows: number;
  write(text: string): void;
  line(text: string): void;
  /** Resolves when the stream takes more: for output without an end. */
  send(text: string): Promise<void>;
  /** The text in a colour, or as it is where colours are not wanted. */
  paint(colour: Colour, text: string): string;
}

const CODES: Readonly<Record<Colour, number>> = { green: 32, yellow: 33, red: 31, grey: 90, bold: 1, cyan: 36 };

export function createOutput(stream: TextStream, env: Readonly<Record<string, string | undefined>>): Output {
  const isTerminal = stream.isTTY === true;
  const coloured = isTerminal && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  return {
    isTerminal,
    get columns() {
      return stream.columns ?? 80;
    },
    get rows() {
      return stream.rows ?? 24;
    },
    write: (text) => void stream.write(text),
    line: (text) => void stream.write(`${text}\n`),
    send: (text) => (stream.write(text) ? Promise.resolve() : new Promise((resolve) => stream.once('drain', resolve))),
    paint: (colour, text) => (coloured ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text),
  };
}
