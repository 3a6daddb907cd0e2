/**
 * Reads one word with its quotes and expansions. Commands inside it are read by the function that it is handed, since
 * words and commands contain each other.
 */

import { decodeAnsi } from './ansi.ts';
import { METACHARACTERS, NotUnderstood } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import type { SimpleCommand, Word, WordPart } from './tree.ts';

export interface CommandReader {
  /** Commands up to the closing parenthesis, which is left for the caller. */
  untilParenthesis(stdin?: 'piped'): readonly SimpleCommand[];
  /** All commands of another text: the inside of back-ticks, without its backslashes. */
  whole(text: string): readonly SimpleCommand[];
}

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPECIAL = /[0-9@*#?$!-]/y;
const PARAMETER = /(!?[A-Za-z_][A-Za-z0-9_]*|!?[0-9]+|[@*#?$!-])(\[[^\]$`"'\\{}]*\])?/y;
const PLAIN = /[^\\'"$`<>;&|() \t\n]+/y;
/** Substitutions, quotes and what else the text of an arithmetic or double-quoted place may hold. */
type Ends = () => boolean;

export function readWord(cursor: Cursor, commands: CommandReader): Word {
  return { parts: new WordReader(cursor, commands).bare() };
}

/** The inside of an unquoted here-document: text with expansions. */
export function readExpanding(cursor: Cursor, commands: CommandReader): Word {
  return { parts: new WordReader(cursor, commands).expanding(() => cursor.atEnd) };
}

/** The inside of `((…))`. */
export function readArithmetic(cursor: Cursor, commands: CommandReader): void {
  const quoted = readExpanding(cursor, commands).parts.some((part) => part.kind === 'text' && /['"]/.test(part.text));
  if (quoted) cursor.fail('quotes in arithmetic');
}

/** The end of `((…))` whose inside starts at `from`, or -1 when these are two plain parentheses. */
export function arithmeticEnd({ text, end }: Cursor, from: number): number {
  let depth = 2;
  for (let index = from; index < end; index += 1) {
    if (text[index] === '(') depth += 1;
    if (text[index] === ')') depth -= 1;
    if (depth === 1) return text[index + 1] === ')' && index + 1 < end ? index : -1;
  }
  return -1;
}

class WordReader {
  readonly #cursor: Cursor;
  readonly #commands: CommandReader;

  constructor(cursor: Cursor, commands: CommandReader) {
    this.#cursor = cursor;
    this.#commands = commands;
  }

  bare(): WordPart[] {
    const cursor = this.#cursor;
    const parts: WordPart[] = [];
    while (!cursor.atEnd && (!METACHARACTERS.includes(cursor.peek()) || cursor.atProcess)) this.#part(parts);
    return parts;
  }

  /** Text in which only the backslash, `$` and the back-tick mean something. */
  expanding(ends: Ends): WordPart[] {
    const cursor = this.#cursor;
    const parts: WordPart[] = [];
    while (!cursor.atEnd && !ends()) {
      if (cursor.take('\\\n')) continue;
      const next = cursor.peek();
      if (next === '\\') parts.push(this.#escaped('`$"\\'));
      else if (next === '`') parts.push(this.#backtick('quoted'));
      else if (next === '$') parts.push(this.#dollar('quoted'));
      else parts.push(literal(this.#run(/[^\\$`"]+|"/y), true));
    }
    return parts;
  }

  #part(parts: WordPart[]): void {
    const cursor = this.#cursor;
    if (cursor.take('\\\n')) return;
    switch (cursor.peek()) {
      case '\\':
        parts.push(this.#escaped(null));
        break;
      case "'":
        parts.push(literal(this.#closed("'", 1), true));
        break;
      case '"':
        this.#double(parts);
        break;
      case '`':
        parts.push(this.#backtick('bare'));
        break;
      case '$':
        parts.push(this.#dollar('bare'));
        break;
      case '<':
      case '>':
        parts.push(this.#process());
        break;
      default:
        parts.push(literal(this.#run(PLAIN), false));
    }
  }

  #run(expression: RegExp): string {
    const found = this.#cursor.match(expression)?.[0] ?? this.#cursor.peek();
    this.#cursor.pos += found.length;
    return found;
  }

  /** `only`: the characters that a backslash protects here; null: all. */
  #escaped(only: string | null): WordPart {
    const cursor = this.#cursor;
    const next = cursor.peek(1);
    if (next === '' && only === null) cursor.fail('a backslash before nothing');
    const protects = next !== '' && (only === null || only.includes(next));
    cursor.pos += protects ? 2 : 1;
    return literal(protects ? next : '\\', true);
  }

  /** What stands between an opening of `opening` characters and the closing quote. */
  #closed(close: string, opening: number): string {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    const at = cursor.text.indexOf(close, opened + opening);
    if (at < 0 || at >= cursor.end) throw new NotUnderstood(opened, 'this quote is not closed');
    cursor.pos = at + 1;
    return cursor.text.slice(opened + opening, at);
  }

  #double(parts: WordPart[]): void {
    const opened = this.#cursor.pos;
    this.#cursor.pos += 1;
    parts.push(literal('', true), ...this.#cursor.nested(() => this.expanding(() => this.#cursor.peek() === '"')));
    this.#cursor.expect('"', opened, 'this quote');
  }

  #backtick(quoting: 'bare' | 'quoted'): WordPart {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    let at = opened + 1;
    while (at < cursor.end && cursor.text[at] !== '`') at += cursor.text[at] === '\\' ? 2 : 1;
    if (at >= cursor.end) throw new NotUnderstood(opened, 'this back-tick is not closed');
    const escapes = quoting === 'quoted' ? /\\([\\$`"])/g : /\\([\\$`])/g;
    const inside = cursor.text.slice(opened + 1, at).replace(escapes, '$1');
    const commands = cursor.nested(() => this.#commands.whole(inside));
    cursor.pos = at + 1;
    return { kind: 'substitution', commands, quoted: quoting === 'quoted' };
  }

  #dollar(quoting: 'bare' | 'quoted'): WordPart {
    const cursor = this.#cursor;
    const quoted = quoting === 'quoted';
    if (!quoted && cursor.startsWith("$'")) return literal(this.#ansi(), true);
    if (!quoted && cursor.startsWith('$"')) return this.#translated();
    if (cursor.startsWith('$((')) return this.#arithmetic(quoted);
    if (cursor.startsWith('$(')) return this.#substitution(quoted);
    if (cursor.startsWith('${')) return this.#braced(quoted);
    if (cursor.startsWith('$[')) cursor.fail('$[…] is an old form of $((…))');
    cursor.pos += 1;
    const name = (cursor.match(NAME) ?? cursor.match(SPECIAL))?.[0];
    if (name === undefined) return literal('$', quoted);
    cursor.pos += name.length;
    return { kind: 'parameter', name, quoted, fallback: null };
  }

  #ansi(): string {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    let at = opened + 2;
    while (at < cursor.end && cursor.text[at] !== "'") at += cursor.text[at] === '\\' ? 2 : 1;
    if (at >= cursor.end) throw new NotUnderstood(opened, 'this quote is not closed');
    cursor.pos = at + 1;
    return decodeAnsi(cursor.text.slice(opened + 2, at));
  }

  #translated(): WordPart {
    this.#cursor.pos += 1;
    const parts: WordPart[] = [];
    this.#double(parts);
    return { kind: 'parameter', name: null, quoted: true, fallback: parts };
  }

  #arithmetic(quoted: boolean): WordPart {
    const cursor = this.#cursor;
    const end = arithmeticEnd(cursor, cursor.pos + 3);
    if (end < 0) return this.#substitution(quoted);
    cursor.pos += 3;
    cursor.nested(() => cursor.within(end, () => readArithmetic(cursor, this.#commands)));
    cursor.pos = end + 2;
    return { kind: 'arithmetic' };
  }

  #substitution(quoted: boolean): WordPart {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    cursor.pos += 2;
    const commands = cursor.nested(() => this.#commands.untilParenthesis());
    cursor.expect(')', opened, 'this $(');
    return { kind: 'substitution', commands, quoted };
  }

  #process(): WordPart {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    cursor.pos += 2;
    const stdin = cursor.text[opened] === '>' ? 'piped' : undefined;
    const commands = cursor.nested(() => this.#commands.untilParenthesis(stdin));
    cursor.expect(')', opened, 'this parenthesis');
    return { kind: 'process', commands };
  }

  #braced(quoted: boolean): WordPart {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    cursor.pos += 2;
    const counted = cursor.peek() === '#' && cursor.peek(1) !== '}';
    if (counted) cursor.pos += 1;
    const found = cursor.match(PARAMETER) ?? cursor.fail('${…} without a name');
    cursor.pos += found[0].length;
    if (!cursor.match(/[}:=+?#%/^,@*-]/y)) cursor.fail('this ${…} is none that bash knows');
    const operator = cursor.match(/:?[-=]/y)?.[0] ?? '';
    cursor.pos += operator.length;
    const rest = cursor.nested(() => this.#inBraces(quoted));
    cursor.expect('}', opened, 'this ${');
    const plain = rest.length === 0 && !counted && found[2] === undefined && !found[0].startsWith('!');
    const known = plain || operator !== '' ? (found[1] ?? null) : null;
    return { kind: 'parameter', name: known, quoted, fallback: operator === '' ? null : rest };
  }

  /** Up to the closing brace, with quotes of its own. */
  #inBraces(quoted: boolean): WordPart[] {
    const cursor = this.#cursor;
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

function literal(value: string, quoted: boolean): WordPart {
  return { kind: 'text', text: value, quoted };
}
