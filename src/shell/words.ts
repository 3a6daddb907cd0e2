/**
 * Reads one word with its quotes. Commands inside it are read by the functions that it is handed, since words and
 * commands contain each other.
 */

import { METACHARACTERS, NotUnderstood } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { readBacktick, readDollar, readProcess } from './expansions.ts';
import type { Word, WordPart } from './tree.ts';
import { literal } from './word-reader.ts';
import type { CommandReader, WordReader } from './word-reader.ts';

const PLAIN = /[^\\'"$`<>;&|() \t\n]+/y;

export function readWord(cursor: Cursor, commands: CommandReader): Word {
  return { parts: new Reader(cursor, commands).bare() };
}

/** The inside of an unquoted here-document: text with expansions. */
export function readExpanding(cursor: Cursor, commands: CommandReader): Word {
  return { parts: new Reader(cursor, commands).expanding(() => cursor.atEnd) };
}

class Reader implements WordReader {
  readonly cursor: Cursor;
  readonly commands: CommandReader;

  constructor(cursor: Cursor, commands: CommandReader) {
    this.cursor = cursor;
    this.commands = commands;
  }

  bare(): WordPart[] {
    const { cursor } = this;
    const parts: WordPart[] = [];
    while (!cursor.atEnd && (!METACHARACTERS.includes(cursor.peek()) || cursor.atProcess)) this.#part(parts);
    return parts;
  }

  expanding(ends: () => boolean): WordPart[] {
    const { cursor } = this;
    const parts: WordPart[] = [];
    while (!cursor.atEnd && !ends()) {
      if (cursor.take('\\\n')) continue;
      const next = cursor.peek();
      if (next === '\\') parts.push(this.#escaped('`$"\\'));
      else if (next === '`') parts.push(readBacktick(this, 'quoted'));
      else if (next === '$') parts.push(readDollar(this, 'quoted'));
      else parts.push(literal(this.#run(/[^\\$`"]+|"/y), true));
    }
    return parts;
  }

  #part(parts: WordPart[]): void {
    const { cursor } = this;
    if (cursor.take('\\\n')) return;
    switch (cursor.peek()) {
      case '\\':
        parts.push(this.#escaped(null));
        break;
      case "'":
        parts.push(literal(this.#single(), true));
        break;
      case '"':
        parts.push(...this.double());
        break;
      case '`':
        parts.push(readBacktick(this, 'bare'));
        break;
      case '$':
        parts.push(readDollar(this, 'bare'));
        break;
      case '<':
      case '>':
        parts.push(readProcess(this));
        break;
      default:
        parts.push(literal(this.#run(PLAIN), false));
    }
  }

  #run(expression: RegExp): string {
    const found = this.cursor.match(expression)?.[0] ?? this.cursor.peek();
    this.cursor.pos += found.length;
    return found;
  }

  /** `only`: the characters that a backslash protects here; null: all. */
  #escaped(only: string | null): WordPart {
    const { cursor } = this;
    const next = cursor.peek(1);
    if (next === '' && only === null) cursor.fail('a backslash before nothing');
    const protects = next !== '' && (only === null || only.includes(next));
    cursor.pos += protects ? 2 : 1;
    return literal(protects ? next : '\\', true);
  }

  /** What stands between single quotes. */
  #single(): string {
    const { cursor } = this;
    const opened = cursor.pos;
    const at = cursor.text.indexOf("'", opened + 1);
    if (at < 0 || at >= cursor.end) throw new NotUnderstood(opened, 'this quote is not closed');
    cursor.pos = at + 1;
    return cursor.text.slice(opened + 1, at);
  }

  double(): WordPart[] {
    const { cursor } = this;
    const opened = cursor.pos;
    cursor.pos += 1;
    const inside = cursor.nested(() => this.expanding(() => cursor.peek() === '"'));
    cursor.expect('"', opened, 'this quote');
    return [literal('', true), ...inside];
  }

  inBraces(quoted: boolean): WordPart[] {
    const { cursor } = this;
    const parts: WordPart[] = [];
    while (!cursor.atEnd && cursor.peek() !== '}') {
      const plain = cursor.match(/[^\\'"$`}]+/y)?.[0] ?? (quoted && cursor.peek() === "'" ? "'" : '');
      cursor.pos += plain.length;
      if (plain === '') this.#part(parts);
      else parts.push(literal(plain, quoted));
    }
    return parts;
  }
}
