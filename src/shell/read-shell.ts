/**
 * Reads bash text by its grammar: lists, pipelines, compound commands, functions, redirections, here-documents. It
 * understands or says what it did not, and never throws. It runs nothing and knows no program.
 */

import { Cursor, METACHARACTERS, NotUnderstood } from './cursor.ts';
import type { Assignment, Redirect, ShellFunction, ShellText, SimpleCommand, SyntaxProblem, Word } from './tree.ts';
import { arithmeticEnd, readArithmetic, readExpanding, readWord } from './words.ts';
import type { CommandReader } from './words.ts';

/** Everything that `text` would run, and what of it is not understood. */
export function readShell(text: string): ShellText {
  const collected: Collected = { commands: [], functions: [], loops: [], problems: [] };
  readInto(collected, text, 0);
  return collected;
}

interface Draft {
  readonly assignments: Assignment[];
  readonly words: Word[];
  readonly redirects: Redirect[];
  input: readonly SimpleCommand[] | null;
  concurrent: boolean;
  readonly start: number;
  end: number;
}

interface Collected {
  readonly commands: Draft[];
  readonly functions: ShellFunction[];
  readonly loops: Assignment[];
  readonly problems: SyntaxProblem[];
}

interface HereDocument {
  readonly redirect: Redirect;
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
}

const MOST_PROBLEMS = 20;
const MOST_NESTED = 16;
const RESERVED =
  /(?:if|then|elif|else|fi|while|until|do|done|for|select|case|esac|function|time|coproc|in|\[\[|\]\]|[{}!])(?=[\s;&|()<>]|$)/y;
const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(\[[^\]\s]*\])?\+?=/y;
/** Where an assignment could stand, bash reads on to the closing bracket. */
const SUBSCRIPT = /[A-Za-z_][A-Za-z0-9_]*\[/y;
const REDIRECT = /(?:\d+|\{[A-Za-z_][A-Za-z0-9_]*\})?(<<<|<<-|<<|<>|<&|>&|>>|>\||&>>|&>|<|>)/y;
const FUNCTION_NAME = /[^\s;&|()<>"'\\$`{}]+/y;
const DECLARES: ReadonlySet<string> = new Set(['export', 'declare', 'typeset', 'local', 'readonly']);

/** After a problem it goes on behind the line in which that stands: bash has run the lines before it. */
function readInto(collected: Collected, text: string, nesting: number): void {
  if (nesting > MOST_NESTED) throw new NotUnderstood(0, 'back-ticks are nested too deeply');
  let from = 0;
  while (from <= text.length && collected.problems.length < MOST_PROBLEMS) {
    const cursor = new Cursor(text, from);
    try {
      new Grammar(cursor, collected, nesting).whole();
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

class Grammar implements CommandReader {
  readonly #cursor: Cursor;
  readonly #out: Collected;
  readonly #nesting: number;
  #pending: HereDocument[] = [];

  constructor(cursor: Cursor, out: Collected, nesting: number) {
    this.#cursor = cursor;
    this.#out = out;
    this.#nesting = nesting;
  }

  whole(text?: string): readonly SimpleCommand[] {
    if (text !== undefined) return this.#collect(() => readInto(this.#out, text, this.#nesting + 1));
    this.#list([]);
    if (!this.#cursor.atEnd) this.#cursor.fail(`"${this.#cursor.peek()}" is not expected here`);
    this.#noneWaiting();
    return this.#out.commands;
  }

  untilParenthesis(stdin?: 'piped'): readonly SimpleCommand[] {
    const outer = this.#pending;
    this.#pending = [];
    const commands = this.#collect(() => this.#list([]));
    if (stdin === 'piped') for (const command of commands) command.input ??= [];
    this.#noneWaiting();
    this.#pending = outer;
    return commands;
  }

  #noneWaiting(): void {
    if (this.#pending.length > 0) this.#cursor.fail('this here-document has no text');
  }

  #collect(read: () => void): readonly Draft[] {
    const from = this.#out.commands.length;
    read();
    return this.#out.commands.slice(from);
  }

  /** Commands up to one of the words, a closing parenthesis or `;;`, which are left for the caller. */
  #list(closers: readonly string[]): void {
    const cursor = this.#cursor;
    this.#newlines();
    while (!this.#atListEnd(closers)) {
      const commands = this.#collect(() => this.#andOr());
      cursor.blanks();
      if (cursor.peek() === '&' && !cursor.startsWith('&&')) {
        cursor.pos += 1;
        for (const command of commands) command.concurrent = true;
      } else if (!this.#atListEnd(closers) && !cursor.take(';') && cursor.peek() !== '\n') {
        cursor.fail(`"${cursor.peek()}" is not expected here`);
      }
      this.#newlines();
    }
  }

  #atListEnd(closers: readonly string[]): boolean {
    const cursor = this.#cursor;
    if (cursor.atEnd || cursor.peek() === ')' || cursor.startsWith(';;') || cursor.startsWith(';&')) return true;
    const word = this.#reserved();
    return word !== null && closers.includes(word);
  }

  #newlines(): void {
    const cursor = this.#cursor;
    cursor.blanks();
    while (cursor.take('\n')) {
      this.#hereDocuments();
      cursor.blanks();
    }
  }

  #andOr(): void {
    this.#pipeline();
    for (;;) {
      this.#cursor.blanks();
      if (!this.#cursor.take('&&') && !this.#cursor.take('||')) return;
      this.#newlines();
      this.#pipeline();
    }
  }

  #pipeline(): void {
    const cursor = this.#cursor;
    for (let word = this.#reserved(); word === '!' || word === 'time'; word = this.#reserved()) {
      cursor.pos += word.length;
      cursor.blanks();
      if (word === 'time' && cursor.match(/-p(?=\s)/y)) cursor.pos += 2;
      cursor.blanks();
    }
    let previous = this.#collect(() => this.#command());
    for (;;) {
      cursor.blanks();
      if (cursor.startsWith('||') || (!cursor.take('|&') && !cursor.take('|'))) return;
      this.#newlines();
      const next = this.#collect(() => this.#command());
      for (const command of [...previous, ...next]) command.concurrent = true;
      for (const command of next) command.input ??= previous;
      previous = next;
    }
  }

  #reserved(): string | null {
    return this.#cursor.match(RESERVED)?.[0] ?? null;
  }

  #command(): void {
    this.#cursor.nested(() => {
      const word = this.#reserved();
      if (this.#cursor.peek() === '(') this.#compound(() => this.#parenthesis());
      else if (word === null) this.#simple();
      else if (word === 'coproc') this.#coprocess();
      else if (word === 'function') this.#functionWord();
      else this.#compound(() => this.#compoundOf(word));
    });
  }

  #compoundOf(word: string): void {
    const opened = this.#cursor.pos;
    this.#cursor.pos += word.length;
    switch (word) {
      case '{':
        this.#list(['}']);
        return this.#close('}', opened);
      case 'if':
        return this.#branches(opened);
      case 'while':
      case 'until':
        this.#list(['do']);
        return this.#loopBody(opened);
      case 'for':
      case 'select':
        return this.#forLoop(opened);
      case 'case':
        return this.#caseOf(opened);
      case '[[':
        return this.#test(opened);
      default:
        throw new NotUnderstood(opened, `"${word}" is not expected here`);
    }
  }

  /** A compound command with the redirections behind it, which count for all commands inside. */
  #compound(read: () => void): void {
    const inside = this.#collect(read);
    const redirects: Redirect[] = [];
    for (;;) {
      this.#cursor.blanks();
      const redirect = this.#redirect();
      if (redirect === null) break;
      redirects.push(redirect);
    }
    for (const command of inside) command.redirects.push(...redirects);
  }

  #close(word: string, opened: number): void {
    if (this.#reserved() !== word) throw new NotUnderstood(opened, `this is not closed by ${word}`);
    this.#cursor.pos += word.length;
  }

  #parenthesis(): void {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    const end = cursor.peek(1) === '(' ? arithmeticEnd(cursor, opened + 2) : -1;
    if (end >= 0) return this.#expression(opened + 2, end);
    cursor.pos += 1;
    const inside = this.#collect(() => this.#list([]));
    if (inside.length === 0) cursor.fail('a command is missing');
    cursor.expect(')', opened, 'this parenthesis');
  }

  #expression(from: number, end: number): void {
    this.#cursor.pos = from;
    this.#cursor.within(end, () => readArithmetic(this.#cursor, this));
    this.#cursor.pos = end + 2;
  }

  #branches(opened: number): void {
    this.#list(['then']);
    this.#close('then', opened);
    this.#list(['elif', 'else', 'fi']);
    if (this.#reserved() === 'elif') {
      this.#cursor.pos += 4;
      return this.#branches(opened);
    }
    if (this.#reserved() === 'else') {
      this.#cursor.pos += 4;
      this.#list(['fi']);
    }
    this.#close('fi', opened);
  }

  #loopBody(opened: number): void {
    this.#close('do', opened);
    this.#list(['done']);
    this.#close('done', opened);
  }

  #forLoop(opened: number): void {
    const cursor = this.#cursor;
    cursor.blanks();
    if (cursor.startsWith('((')) this.#parenthesis();
    else this.#forNames();
    cursor.blanks();
    cursor.take(';');
    this.#newlines();
    if (this.#reserved() !== '{') return this.#loopBody(opened);
    cursor.pos += 1;
    this.#list(['}']);
    this.#close('}', opened);
  }

  #forNames(): void {
    const cursor = this.#cursor;
    const name = cursor.match(/[A-Za-z_][A-Za-z0-9_]*/y)?.[0] ?? cursor.fail('a loop without a name');
    cursor.pos += name.length;
    this.#newlines();
    if (!cursor.match(/in(?=[\s;&|()<>]|$)/y)) return;
    cursor.pos += 2;
    const values: Word[] = [];
    for (cursor.blanks(); !METACHARACTERS.includes(cursor.peek()) || this.#atProcess(); cursor.blanks()) {
      if (cursor.atEnd) break;
      values.push(readWord(cursor, this));
    }
    this.#out.loops.push({ name, values });
  }

  #caseOf(opened: number): void {
    const cursor = this.#cursor;
    cursor.blanks();
    readWord(cursor, this);
    this.#newlines();
    if (!cursor.match(/in(?=\s)/y)) cursor.fail('case without in');
    cursor.pos += 2;
    this.#newlines();
    while (this.#reserved() !== 'esac') {
      if (cursor.atEnd) throw new NotUnderstood(opened, 'this is not closed by esac');
      this.#casePattern();
      this.#list(['esac']);
      if (!cursor.take(';;&') && !cursor.take(';;') && !cursor.take(';&') && this.#reserved() !== 'esac') {
        cursor.fail(`"${cursor.peek()}" is not expected here`);
      }
      this.#newlines();
    }
    this.#close('esac', opened);
  }

  #casePattern(): void {
    const cursor = this.#cursor;
    cursor.take('(');
    do {
      cursor.blanks();
      if (readWord(cursor, this).parts.length === 0) cursor.fail('a case without a pattern');
      cursor.blanks();
    } while (cursor.take('|'));
    if (!cursor.take(')')) cursor.fail('a pattern without its parenthesis');
  }

  /** `[[ … ]]`: nothing in it runs but the substitutions of its words. */
  #test(opened: number): void {
    const cursor = this.#cursor;
    for (;;) {
      cursor.blanks();
      if (cursor.atEnd) throw new NotUnderstood(opened, 'this is not closed by ]]');
      if (cursor.match(/\]\](?=[\s;&|()<>]|$)/y)) break;
      const operator = cursor.match(/&&|\|\||[()<>\n|]/y)?.[0];
      if (operator !== undefined && !this.#atProcess()) cursor.pos += operator.length;
      else if (readWord(cursor, this).parts.length === 0) cursor.fail(`"${cursor.peek()}" is not expected here`);
    }
    cursor.pos += 2;
  }

  #coprocess(): void {
    this.#cursor.pos += 6;
    this.#cursor.blanks();
    for (const command of this.#collect(() => this.#command())) {
      command.concurrent = true;
      command.input ??= [];
    }
  }

  #functionWord(): void {
    const cursor = this.#cursor;
    cursor.pos += 8;
    cursor.blanks();
    const name = cursor.match(FUNCTION_NAME)?.[0] ?? cursor.fail('a function without a name');
    cursor.pos += name.length;
    cursor.blanks();
    if (cursor.match(/\([ \t]*\)/y)) this.#emptyParentheses();
    this.#functionBody(name);
  }

  #emptyParentheses(): void {
    this.#cursor.pos = this.#cursor.text.indexOf(')', this.#cursor.pos) + 1;
  }

  #functionBody(name: string): void {
    this.#newlines();
    if (this.#cursor.peek() !== '(' && this.#reserved() === null) this.#cursor.fail('a function without a body');
    const commands = this.#collect(() => this.#command());
    this.#out.functions.push({ name, commands });
  }

  #simple(): void {
    const cursor = this.#cursor;
    const definition = cursor.match(/([^\s;&|()<>"'\\$`{}=]+)[ \t]*\([ \t]*\)/y)?.[1];
    if (definition !== undefined) {
      this.#emptyParentheses();
      return this.#functionBody(definition);
    }
    const draft: Draft = {
      assignments: [],
      words: [],
      redirects: [],
      input: null,
      concurrent: false,
      start: cursor.pos,
      end: cursor.pos,
    };
    while (this.#simplePart(draft)) {
      draft.end = cursor.pos;
      cursor.blanks();
    }
    if (draft.end === draft.start)
      cursor.fail(cursor.atEnd ? 'a command is missing' : `"${cursor.peek()}" is not expected here`);
    this.#out.commands.push(draft);
  }

  #simplePart(draft: Draft): boolean {
    const cursor = this.#cursor;
    if (cursor.atEnd) return false;
    const redirect = this.#redirect();
    if (redirect !== null) return draft.redirects.push(redirect) > 0;
    if (METACHARACTERS.includes(cursor.peek()) && !this.#atProcess()) return false;
    const assignment = cursor.match(ASSIGNMENT);
    if (assignment !== null && (draft.words.length === 0 || this.#declares(draft))) {
      draft.assignments.push(this.#assignment(assignment));
      return true;
    }
    if (draft.words.length === 0 && cursor.match(SUBSCRIPT)) cursor.fail('an array subscript that is not simple');
    draft.words.push(readWord(cursor, this));
    return true;
  }

  #declares({ words: [first] }: Draft): boolean {
    const [only, ...others] = first?.parts ?? [];
    return others.length === 0 && only?.kind === 'text' && DECLARES.has(only.text);
  }

  #assignment([written, name = '']: RegExpExecArray): Assignment {
    const cursor = this.#cursor;
    const subscript = /\[(.*)\]/s.exec(written)?.[1] ?? '';
    if (/[$`"'\\]/.test(subscript)) cursor.fail('an array subscript that is computed');
    cursor.pos += written.length;
    if (cursor.peek() !== '(') return { name, values: [readWord(cursor, this)] };
    return { name, values: this.#array() };
  }

  #array(): Word[] {
    const cursor = this.#cursor;
    const opened = cursor.pos;
    cursor.pos += 1;
    const values: Word[] = [];
    for (this.#newlines(); !cursor.take(')'); this.#newlines()) {
      const word = readWord(cursor, this);
      if (word.parts.length === 0) throw new NotUnderstood(opened, 'this parenthesis is not closed');
      values.push(word);
    }
    return values;
  }

  #atProcess(): boolean {
    return this.#cursor.startsWith('<(') || this.#cursor.startsWith('>(');
  }

  #redirect(): Redirect | null {
    const cursor = this.#cursor;
    if (this.#atProcess()) return null;
    const found = cursor.match(REDIRECT);
    if (found === null) return null;
    const operator = found[1] ?? '';
    cursor.pos += found[0].length;
    cursor.blanks();
    const start = cursor.pos;
    const target = readWord(cursor, this);
    if (target.parts.length === 0) cursor.fail('a redirection without a target');
    const redirect: Redirect = { operator, target, body: null };
    if (operator === '<<' || operator === '<<-') {
      this.#announce(redirect, cursor.text.slice(start, cursor.pos), operator === '<<-');
    }
    return redirect;
  }

  #announce(redirect: Redirect, written: string, stripTabs: boolean): void {
    if (/[$`]/.test(written)) this.#cursor.fail('the end of this here-document is no fixed word');
    const delimiter = written.replace(/["'\\]/g, '');
    this.#pending.push({ redirect, delimiter, quoted: delimiter !== written, stripTabs });
  }

  #hereDocuments(): void {
    const pending = this.#pending;
    this.#pending = [];
    for (const document of pending) this.#hereDocument(document);
  }

  #hereDocument({ redirect, delimiter, quoted, stripTabs }: HereDocument): void {
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
    return cursor.within(end, () => readExpanding(cursor, this));
  }
}
