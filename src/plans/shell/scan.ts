/**
 * Reads bash text far enough to know, for every offset, in which quoting context it stands and of which simple
 * command it is a word. It checks no syntax beyond unclosed quotes and never throws.
 */

import type { Range, ShellProblem, ShellRegion, ShellScan } from './shell-scan.ts';

export function scanShell(text: string): ShellScan {
  return new ShellScanner(text).scan();
}

/** Words after which a command still begins. */
export const LEADING_WORDS: ReadonlySet<string> = new Set([
  'if',
  'then',
  'elif',
  'else',
  'while',
  'until',
  'do',
  '!',
  '{',
  '}',
  'time',
]);

const METACHARACTERS = ' \t\n;&|()<>';
const MAX_DEPTH = 64;
const PLACEHOLDER = /\{(?:raw:)?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*\}/y;

interface Draft {
  readonly words: Range[];
  readonly inputs: Range[];
}

interface PendingHereDoc {
  readonly delimiter: string;
  readonly quoted: boolean;
  readonly stripTabs: boolean;
  readonly command: Draft;
}

class ShellScanner {
  private readonly text: string;
  private readonly regions: ShellRegion[] = [];
  private readonly commands: Draft[] = [];
  private readonly tests: Range[] = [];
  private readonly problems: ShellProblem[] = [];
  private pending: PendingHereDoc[] = [];
  private testStart = -1;
  private depth = 0;
  private pos = 0;
  private end: number;

  constructor(text: string) {
    this.text = text;
    this.end = text.length;
  }

  scan(): ShellScan {
    this.list('nothing', 0);
    const { commands, tests, problems } = this;
    return { regions: this.regions.toSorted((a, b) => a.start - b.start), commands, tests, problems };
  }

  /** Commands up to a closing parenthesis (left for the caller) or the end. */
  private list(closer: 'nothing' | 'parenthesis', opened: number): void {
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.giveUp(opened, 'commands are nested too deeply');
    const cursor = { command: this.begin(), cases: 0 };
    while (this.pos < this.end) {
      if (this.text[this.pos] === ')' && cursor.cases === 0 && closer === 'parenthesis') break;
      this.token(cursor);
    }
    this.depth -= 1;
    if (closer === 'nothing') return;
    if (this.pos < this.end) this.pos += 1;
    else if (this.problems.length === 0)
      this.problems.push({ offset: opened, message: 'this parenthesis is not closed' });
  }

  private token(cursor: { command: Draft; cases: number }): void {
    const character = this.text[this.pos] ?? '';
    if (character === ' ' || character === '\t') this.pos += 1;
    else if (character === '\\' && this.text[this.pos + 1] === '\n') this.pos += 2;
    else if (character === '#') this.comment();
    else if (character === '(') this.parenthesis();
    else if (character === '<' || character === '>' || this.text.startsWith('&>', this.pos))
      this.redirect(cursor.command);
    else if (METACHARACTERS.includes(character)) {
      this.pos += 1;
      cursor.command = this.begin();
      if (character === '\n') this.hereDocs();
    } else this.wordOf(cursor);
  }

  private begin(): Draft {
    const command: Draft = { words: [], inputs: [] };
    this.commands.push(command);
    return command;
  }

  private comment(): void {
    const newline = this.text.indexOf('\n', this.pos);
    const end = newline < 0 || newline > this.end ? this.end : newline;
    this.mark(this.pos, end, 'comment');
    this.pos = end;
  }

  private parenthesis(): void {
    const opened = this.pos;
    const end = this.text[opened + 1] === '(' ? this.arithmeticEnd(opened + 2) : -1;
    if (end >= 0) {
      this.mark(opened, end, 'arithmetic');
      this.pos = end;
      return;
    }
    this.pos += 1;
    this.list('parenthesis', opened);
  }

  private wordOf(cursor: { command: Draft; cases: number }): void {
    const leads = cursor.command.words.every((word) => LEADING_WORDS.has(this.text.slice(word.start, word.end)));
    const word = this.word();
    cursor.command.words.push(word);
    const text = this.text.slice(word.start, word.end);
    if (leads && text === 'case') cursor.cases += 1;
    if (leads && text === 'esac' && cursor.cases > 0) cursor.cases -= 1;
    if (leads && text === '[[') this.testStart = word.end;
    if (text === ']]' && this.testStart >= 0) {
      this.tests.push({ start: this.testStart, end: word.start });
      this.testStart = -1;
    }
  }

  private word(): Range {
    const start = this.pos;
    while (this.pos < this.end && !METACHARACTERS.includes(this.text[this.pos] ?? ' ')) this.wordPart();
    return { start, end: this.pos };
  }

  private wordPart(): void {
    const character = this.text[this.pos];
    if (character === '\\') this.pos = Math.min(this.pos + 2, this.end);
    else if (character === "'") this.single();
    else if (character === '"') this.double();
    else if (character === '`') this.backtick();
    else if (character === '$') this.dollar('unquoted');
    else this.pos += 1;
  }

  private single(): void {
    const opened = this.pos;
    const close = this.text.indexOf("'", opened + 1);
    if (close < 0 || close >= this.end) return this.giveUp(opened, 'this single quote is not closed');
    this.mark(opened + 1, close, 'single');
    this.pos = close + 1;
  }

  private double(): void {
    const opened = this.pos;
    this.pos += 1;
    this.expanding('double', () => this.text[this.pos] === '"');
    if (this.pos >= this.end) return this.giveUp(opened, 'this double quote is not closed');
    this.pos += 1;
  }

  /** Text in which only `\`, `$` and the back-tick mean something, up to `closes` or the end. */
  private expanding(context: 'double' | 'heredoc', closes: () => boolean): void {
    let from = this.pos;
    while (this.pos < this.end && !closes()) {
      const character = this.text[this.pos];
      if (character === '\\') this.pos = Math.min(this.pos + 2, this.end);
      else if (character === '$' || character === '`') {
        this.mark(from, this.pos, context);
        if (character === '$') this.dollar('quoted');
        else this.backtick();
        from = this.pos;
      } else this.pos += 1;
    }
    this.mark(from, this.pos, context);
  }

  private dollar(quoting: 'quoted' | 'unquoted'): void {
    const opened = this.pos;
    const next = this.text[opened + 1];
    this.pos += 1;
    if (next === "'" && quoting === 'unquoted') this.ansi();
    else if (next === '"' && quoting === 'unquoted') this.double();
    else if (next === '{') this.parameter(opened, quoting);
    else if (next === '(') this.parenthesis();
  }

  private ansi(): void {
    const opened = this.pos;
    this.pos += 1;
    while (this.pos < this.end && this.text[this.pos] !== "'") this.pos += this.text[this.pos] === '\\' ? 2 : 1;
    if (this.pos >= this.end) return this.giveUp(opened, 'this quote is not closed');
    this.mark(opened + 1, this.pos, 'ansi');
    this.pos += 1;
  }

  private backtick(): void {
    const opened = this.pos;
    this.pos += 1;
    while (this.pos < this.end && this.text[this.pos] !== '`') this.pos += this.text[this.pos] === '\\' ? 2 : 1;
    if (this.pos >= this.end) return this.giveUp(opened, 'this back-tick is not closed');
    this.mark(opened + 1, this.pos, 'backtick');
    this.pos += 1;
  }

  /** `${…}`: one region with all that is nested in it, since quoting inside follows rules of its own. */
  private parameter(opened: number, quoting: 'quoted' | 'unquoted'): void {
    const nested = this.regions.length;
    this.depth += 1;
    if (this.depth > MAX_DEPTH) this.giveUp(opened, 'expansions are nested too deeply');
    this.pos += 1;
    while (this.pos < this.end && this.text[this.pos] !== '}') this.parameterPart(quoting);
    this.depth -= 1;
    this.regions.length = nested;
    this.mark(opened, Math.min(this.pos + 1, this.end), 'parameter');
    if (this.pos >= this.end) return this.giveUp(opened, 'this ${ is not closed');
    this.pos += 1;
  }

  private parameterPart(quoting: 'quoted' | 'unquoted'): void {
    const character = this.text[this.pos];
    PLACEHOLDER.lastIndex = this.pos;
    const placeholder = character === '{' ? PLACEHOLDER.exec(this.text) : null;
    if (placeholder !== null) this.pos += placeholder[0].length;
    else if (character === "'" && quoting === 'quoted') this.pos += 1;
    else if (character === '$' && quoting === 'quoted') this.dollar('quoted');
    else this.wordPart();
  }

  /** The end of `((…))` whose inside starts at `from`, or -1 when these are two plain parentheses. */
  private arithmeticEnd(from: number): number {
    let depth = 2;
    for (let index = from; index < this.end; index += 1) {
      const character = this.text[index];
      if (character === '(') depth += 1;
      if (character === ')') depth -= 1;
      if (depth === 1) return this.text[index + 1] === ')' ? index + 2 : -1;
    }
    return -1;
  }

  private redirect(command: Draft): void {
    const opened = this.pos;
    const last = command.words.at(-1);
    if (last?.end === opened && /^\d+$/.test(this.text.slice(last.start, last.end))) command.words.pop();
    if (/^[<>]\(/.test(this.text.slice(opened, opened + 2))) {
      this.pos += 1;
      this.parenthesis();
      command.words.push({ start: opened, end: this.pos });
      return;
    }
    const operator = /^(<<<|<<-|<<|<&|<>|<|&>>|&>|>>|>&|>\||>)/.exec(this.text.slice(opened, opened + 3))?.[0] ?? '<';
    this.pos += operator.length;
    while (this.text[this.pos] === ' ' || this.text[this.pos] === '\t') this.pos += 1;
    const target = this.word();
    if (operator === '<<<') command.inputs.push(target);
    if (operator === '<<' || operator === '<<-') this.announce(command, target, operator === '<<-');
  }

  private announce(command: Draft, target: Range, stripTabs: boolean): void {
    const written = this.text.slice(target.start, target.end);
    const delimiter = written.replace(/["'\\]/g, '');
    while ((this.regions.at(-1)?.start ?? -1) >= target.start) this.regions.pop();
    this.mark(target.start, target.end, 'heredoc-delimiter');
    this.pending.push({ delimiter, quoted: delimiter !== written, stripTabs, command });
  }

  private hereDocs(): void {
    const pending = this.pending;
    this.pending = [];
    for (const document of pending) this.hereDoc(document);
  }

  private hereDoc({ delimiter, quoted, stripTabs, command }: PendingHereDoc): void {
    const start = this.pos;
    let lineStart = start;
    let next = start;
    while (lineStart < this.end) {
      const newline = this.text.indexOf('\n', lineStart);
      const lineEnd = newline < 0 || newline >= this.end ? this.end : newline;
      next = Math.min(lineEnd + 1, this.end);
      const line = this.text.slice(lineStart, lineEnd);
      if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
      lineStart = next;
    }
    command.inputs.push({ start, end: lineStart });
    if (quoted) this.mark(start, lineStart, 'heredoc-quoted');
    else this.within(lineStart, () => this.expanding('heredoc', () => false));
    this.pos = Math.max(next, this.pos);
  }

  private within(end: number, scan: () => void): void {
    const outer = this.end;
    this.end = end;
    scan();
    this.end = outer;
  }

  private mark(start: number, end: number, context: ShellRegion['context']): void {
    if (end > start) this.regions.push({ start, end, context });
  }

  private giveUp(offset: number, message: string): void {
    if (this.problems.length === 0) this.problems.push({ offset, message });
    this.pos = this.end;
  }
}
