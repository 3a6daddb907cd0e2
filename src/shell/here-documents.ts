/** Here-documents: announced by a redirection, read where the next line begins. */

import { NotUnderstood } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { Redirect, Word } from './tree.ts';
import type { CommandReader } from './word-reader.ts';
import { readExpanding } from './words.ts';

interface HereDocument {
  readonly redirect: Redirect;
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
}

export class HereDocuments {
  readonly #cursor: Cursor;
  readonly #commands: CommandReader;
  #waiting: HereDocument[] = [];

  constructor(cursor: Cursor, commands: CommandReader) {
    this.#cursor = cursor;
    this.#commands = commands;
  }

  /** `written` is the delimiter with its quotes. */
  announce(redirect: Redirect, written: string): void {
    if (/[$`]/.test(written)) this.#cursor.fail('the end of this here-document is no fixed word');
    const delimiter = written.replace(/["'\\]/g, '');
    const stripTabs = redirect.operator === '<<-';
    this.#waiting.push({ redirect, delimiter, quoted: delimiter !== written, stripTabs });
  }

  /** Those that wait, from the line that begins here. */
  read(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const document of waiting) this.#document(document);
  }

  /** Fails when one has been announced and not been read. */
  noneWaiting(): void {
    if (this.#waiting.length > 0) this.#cursor.fail('this here-document has no text');
  }

  /** Whatever `read` announces must have been read when it is done; what waited before still waits. */
  apart<T>(read: () => T): T {
    const outer = this.#waiting;
    this.#waiting = [];
    const value = read();
    this.noneWaiting();
    this.#waiting = outer;
    return value;
  }

  #document({ redirect, delimiter, quoted, stripTabs }: HereDocument): void {
    const cursor = this.#cursor;
    const start = cursor.pos;
    for (let line = start; line <= cursor.end;) {
      const newline = cursor.text.indexOf('\n', line);
      const end = newline < 0 || newline > cursor.end ? cursor.end : newline;
      const text = cursor.text.slice(line, end);
      if ((stripTabs ? text.replace(/^\t+/, '') : text) === delimiter) {
        redirect.body = this.#bodyOf(start, line, quoted);
        cursor.pos = Math.min(end + 1, cursor.end);
        return;
      }
      line = end + 1;
    }
    throw new NotUnderstood(start, `this here-document is not ended by ${delimiter}`);
  }

  #bodyOf(start: number, end: number, quoted: boolean): Word {
    const cursor = this.#cursor;
    if (quoted) return { parts: [{ kind: 'text', text: cursor.text.slice(start, end), quoted: true }] };
    cursor.pos = start;
    return cursor.within(end, () => readExpanding(cursor, this.#commands));
  }
}
