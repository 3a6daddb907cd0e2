/** A place in a bash text, with the few looks ahead that its grammar needs. */

/** Thrown within the reader only; whoever reads a whole text gets it as a problem. */
export class NotUnderstood extends Error {
  readonly offset: number;

  constructor(offset: number, message: string) {
    super(message);
    this.name = 'NotUnderstood';
    this.offset = offset;
  }
}

export const METACHARACTERS = ' \t\n;&|()<>';
const DEEPEST = 48;

export class Cursor {
  readonly text: string;
  pos: number;
  end: number;
  #depth = 0;

  constructor(text: string, start = 0, end = text.length) {
    this.text = text;
    this.pos = start;
    this.end = end;
  }

  get atEnd(): boolean {
    return this.pos >= this.end;
  }

  /** `<(…)` or `>(…)` stands here. */
  get atProcess(): boolean {
    return this.startsWith('<(') || this.startsWith('>(');
  }

  /** One character, or '' at the end. */
  peek(ahead = 0): string {
    return this.pos + ahead < this.end ? (this.text[this.pos + ahead] ?? '') : '';
  }

  startsWith(token: string): boolean {
    return this.pos + token.length <= this.end && this.text.startsWith(token, this.pos);
  }

  /** The match of a sticky expression here, within the end. */
  match(expression: RegExp): RegExpExecArray | null {
    expression.lastIndex = this.pos;
    const found = expression.exec(this.text);
    return found !== null && this.pos + found[0].length <= this.end ? found : null;
  }

  take(token: string): boolean {
    if (!this.startsWith(token)) return false;
    this.pos += token.length;
    return true;
  }

  expect(token: string, opened: number, what: string): void {
    if (!this.take(token)) throw new NotUnderstood(opened, `${what} is not closed`);
  }

  fail(message: string): never {
    throw new NotUnderstood(this.pos, message);
  }

  /** Blanks and continued lines; a comment only where a word could begin. */
  blanks(): void {
    for (;;) {
      if (this.peek() === ' ' || this.peek() === '\t') this.pos += 1;
      else if (!this.take('\\\n')) break;
    }
    if (this.peek() !== '#') return;
    const newline = this.text.indexOf('\n', this.pos);
    this.pos = newline < 0 || newline > this.end ? this.end : newline;
  }

  /** Whatever `read` reads may nest only so deep. */
  nested<T>(read: () => T): T {
    this.#depth += 1;
    try {
      if (this.#depth > DEEPEST) this.fail('this is nested too deeply');
      return read();
    } finally {
      this.#depth -= 1;
    }
  }

  /** Reads with a nearer end, and goes on behind it. */
  within<T>(end: number, read: () => T): T {
    const outer = this.end;
    this.end = end;
    try {
      const value = read();
      this.pos = end;
      return value;
    } finally {
      this.end = outer;
    }
  }
}
