/**
 * Reads bash text by its grammar: lists, pipelines, compound commands, functions, redirections, here-documents. It
 * understands or says what it did not, and never throws. It runs nothing and knows no program.
 */

import { readCompound } from './compounds.ts';
import { Cursor, NotUnderstood } from './cursor.ts';
import { readDefinition, readFunction } from './functions.ts';
import { reservedAt } from './grammar.ts';
import type { Collected, Draft, Grammar } from './grammar.ts';
import { HereDocuments } from './here-documents.ts';
import { readSimple } from './simple-command.ts';
import type { ShellText, SimpleCommand } from './tree.ts';

/** Everything that `text` would run, and what of it is not understood. */
export function readShell(text: string): ShellText {
  const collected: Collected = { commands: [], functions: [], loops: [], problems: [] };
  readInto(collected, text, 0);
  return collected;
}

const MOST_PROBLEMS = 20;
const MOST_NESTED = 16;

/** After a problem it goes on behind the line in which that stands: bash has run the lines before it. */
function readInto(collected: Collected, text: string, nesting: number): void {
  if (nesting > MOST_NESTED) throw new NotUnderstood(0, 'back-ticks are nested too deeply');
  let from = 0;
  while (from <= text.length && collected.problems.length < MOST_PROBLEMS) {
    const cursor = new Cursor(text, from);
    try {
      new Reader(cursor, collected, nesting).whole();
      return;
    } catch (error) {
      if (!(error instanceof NotUnderstood)) throw error;
      collected.problems.push({ offset: error.offset, message: error.message });
      const newline = text.indexOf('\n', Math.max(from, Math.min(cursor.pos, error.offset)));
      if (newline < 0) return;
      from = newline + 1;
    }
  }
}

/** Lists, pipelines, and what kind of command stands at a place; the kinds are read by functions of their own. */
class Reader implements Grammar {
  readonly cursor: Cursor;
  readonly out: Collected;
  readonly documents: HereDocuments;
  readonly #nesting: number;

  constructor(cursor: Cursor, out: Collected, nesting: number) {
    this.cursor = cursor;
    this.out = out;
    this.documents = new HereDocuments(cursor, this);
    this.#nesting = nesting;
  }

  /** The text of the cursor; of another one, in back-ticks, its commands. */
  whole(text?: string): readonly SimpleCommand[] {
    if (text !== undefined) return this.collect(() => readInto(this.out, text, this.#nesting + 1));
    this.list([]);
    if (!this.cursor.atEnd) this.cursor.fail(`"${this.cursor.peek()}" is not expected here`);
    this.documents.noneWaiting();
    return this.out.commands;
  }

  untilParenthesis(stdin?: 'piped'): readonly SimpleCommand[] {
    return this.documents.apart(() => {
      const commands = this.collect(() => this.list([]));
      if (stdin === 'piped') for (const command of commands) command.input ??= [];
      return commands;
    });
  }

  collect(read: () => void): readonly Draft[] {
    const from = this.out.commands.length;
    read();
    return this.out.commands.slice(from);
  }

  list(closers: readonly string[]): void {
    const { cursor } = this;
    this.newlines();
    // Only a clause of `case`, a substitution and the text as a whole may be empty.
    if (reservedAt(cursor) !== 'esac' && closers.includes(reservedAt(cursor) ?? ''))
      cursor.fail('a command is missing here');
    while (!this.#atListEnd(closers)) {
      const commands = this.collect(() => this.#andOr());
      cursor.blanks();
      if (cursor.peek() === '&' && !cursor.startsWith('&&')) {
        cursor.pos += 1;
        for (const command of commands) command.concurrent = true;
      } else if (!this.#atListEnd(closers) && !cursor.take(';') && cursor.peek() !== '\n') {
        cursor.fail(`"${cursor.peek()}" is not expected here`);
      }
      this.newlines();
    }
  }

  #atListEnd(closers: readonly string[]): boolean {
    const { cursor } = this;
    if (cursor.atEnd || cursor.peek() === ')' || cursor.startsWith(';;') || cursor.startsWith(';&')) return true;
    const word = reservedAt(cursor);
    return word !== null && closers.includes(word);
  }

  newlines(): void {
    const { cursor } = this;
    cursor.blanks();
    while (cursor.take('\n')) {
      this.documents.read();
      cursor.blanks();
    }
  }

  #andOr(): void {
    this.#pipeline();
    for (;;) {
      this.cursor.blanks();
      if (!this.cursor.take('&&') && !this.cursor.take('||')) return;
      this.newlines();
      this.#pipeline();
    }
  }

  #pipeline(): void {
    const { cursor } = this;
    for (let word = reservedAt(cursor); word === '!' || word === 'time'; word = reservedAt(cursor)) {
      cursor.pos += word.length;
      cursor.blanks();
      if (word === 'time' && cursor.match(/-p(?=\s)/y)) cursor.pos += 2;
      cursor.blanks();
    }
    let previous = this.collect(() => this.command());
    for (;;) {
      cursor.blanks();
      if (cursor.startsWith('||') || (!cursor.take('|&') && !cursor.take('|'))) return;
      this.newlines();
      const next = this.collect(() => this.command());
      for (const command of [...previous, ...next]) command.concurrent = true;
      for (const command of next) command.input ??= previous;
      previous = next;
    }
  }

  command(): void {
    this.cursor.nested(() => {
      const word = reservedAt(this.cursor);
      if (this.cursor.peek() === '(') readCompound(this, null);
      else if (word === null) this.#plain();
      else if (word === 'coproc') this.#coprocess();
      else if (word === 'function') readFunction(this);
      else readCompound(this, word);
    });
  }

  #plain(): void {
    if (readDefinition(this) === 'none') readSimple(this);
  }

  #coprocess(): void {
    this.cursor.pos += 6;
    this.cursor.blanks();
    for (const command of this.collect(() => this.command())) {
      command.concurrent = true;
      command.input ??= [];
    }
  }
}
