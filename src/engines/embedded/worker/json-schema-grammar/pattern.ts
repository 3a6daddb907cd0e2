/**
 * A regular expression of JavaScript as a grammar for the text of a JSON string. Groups, alternatives, classes and
 * repetitions are kept; what looks around, back or at word borders is refused. Pure.
 */

import { MOST_REPEATED, repeated } from './rule-book.ts';
import type { RuleBook } from './rule-book.ts';
import { classText, stringText } from './string-text.ts';
import type { CharacterClass, Ranges } from './string-text.ts';

/** What the pattern holds that no grammar keeps. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
}

const DIGIT: Ranges = [[0x30, 0x39]];
const WORD: Ranges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
const SPACE: Ranges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
const SHORTHANDS: Readonly<Record<string, Ranges>> = { d: DIGIT, w: WORD, s: SPACE };
const CONTROLS: Readonly<Record<string, number>> = { n: 0x0a, r: 0x0d, t: 0x09, f: 0x0c, v: 0x0b };
const LINE_ENDS: Ranges = [
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
];

/** `anyCharacter` is the rule for what may stand before and after a pattern without anchors. */
export function patternText(pattern: string, book: RuleBook, anyCharacter: string): string {
  return new PatternReader(pattern, book, anyCharacter).read();
}

class PatternReader {
  readonly #characters: readonly string[];
  readonly #book: RuleBook;
  readonly #anything: string;
  #at = 0;

  constructor(pattern: string, book: RuleBook, anyCharacter: string) {
    try {
      RegExp(pattern, 'u');
    } catch (cause) {
      throw new PatternError('is no regular expression', { cause });
    }
    this.#characters = [...pattern];
    this.#book = book;
    this.#anything = `${anyCharacter}*`;
  }

  read(): string {
    const alternatives = [this.#anchored()];
    while (this.#take('|')) alternatives.push(this.#anchored());
    return `( ${alternatives.join(' | ')} )`;
  }

  /** An alternative of the whole pattern: anchors may stand at its ends only. */
  #anchored(): string {
    const before = this.#take('^') ? '' : this.#anything;
    const body = this.#sequence();
    const after = this.#take('$') ? '' : this.#anything;
    if (!this.#done && this.#peek !== '|') throw new PatternError(`has "${this.#peek}" in its middle`);
    return `${before} ${body} ${after}`.trim() || '""';
  }

  #alternatives(): string {
    const alternatives = [this.#sequence()];
    while (this.#take('|')) alternatives.push(this.#sequence());
    return `( ${alternatives.join(' | ')} )`;
  }

  #sequence(): string {
    const parts: string[] = [];
    while (!this.#done && !['|', ')', '$', '^'].includes(this.#peek)) parts.push(this.#repeatedAtom());
    return parts.join(' ') || '""';
  }

  #repeatedAtom(): string {
    const atom = this.#atom();
    const times = this.#times();
    if (times === null) return atom;
    this.#take('?'); // lazy or not, the same texts match
    if (times.least > MOST_REPEATED || (times.most > MOST_REPEATED && times.most !== Infinity)) {
      throw new PatternError(`repeats more than ${MOST_REPEATED} times`);
    }
    return repeated(this.#book.add(atom), times.least, times.most);
  }

  #times(): { readonly least: number; readonly most: number } | null {
    if (this.#take('*')) return { least: 0, most: Infinity };
    if (this.#take('+')) return { least: 1, most: Infinity };
    if (this.#take('?')) return { least: 0, most: 1 };
    if (!this.#take('{')) return null;
    const [least = '', most = least] = this.#until('}').split(',');
    return { least: Number(least), most: most === '' ? Infinity : Number(most) };
  }

  #atom(): string {
    const character = this.#next();
    if (character === '(') return this.#group();
    if (character === '[') return this.#written(this.#class());
    if (character === '.') return this.#written({ ranges: LINE_ENDS, negated: true });
    if (character === '\\') return this.#written(this.#escape());
    return stringText(character);
  }

  #group(): string {
    if (this.#take('?') && !this.#take(':')) {
      if (this.#peek !== '<' || ['=', '!'].includes(this.#characters[this.#at + 1] ?? '')) {
        throw new PatternError('looks around');
      }
      this.#until('>'); // a group's name
    }
    const inside = this.#alternatives();
    if (!this.#take(')')) throw new PatternError(`has "${this.#peek}" within a group`);
    return inside;
  }

  #class(): CharacterClass {
    const negated = this.#take('^');
    const ranges: Ranges[number][] = [];
    while (!this.#take(']')) {
      const first = this.#classMember();
      if (first.length === 1 && this.#peek === '-' && this.#characters[this.#at + 1] !== ']') {
        this.#next();
        ranges.push([first[0]?.[0] ?? 0, this.#classMember()[0]?.[1] ?? 0]);
      } else ranges.push(...first);
    }
    return { ranges, negated };
  }

  #classMember(): Ranges {
    const character = this.#next();
    if (character !== '\\') return [single(character)];
    const { ranges, negated } = this.#escape();
    if (negated) throw new PatternError('has a negated shorthand within a class');
    return ranges;
  }

  #escape(): CharacterClass {
    const letter = this.#next();
    const shorthand = SHORTHANDS[letter.toLowerCase()];
    if (shorthand !== undefined) return { ranges: shorthand, negated: letter !== letter.toLowerCase() };
    const control = CONTROLS[letter];
    if (control !== undefined) return { ranges: [[control, control]], negated: false };
    if (letter === 'x' || letter === 'u') return this.#numbered(letter);
    if (/[\dA-Za-z]/.test(letter)) throw new PatternError(`has "\\${letter}"`);
    return { ranges: [single(letter)], negated: false };
  }

  #numbered(letter: string): CharacterClass {
    const digits = this.#take('{')
      ? this.#until('}')
      : Array.from({ length: letter === 'x' ? 2 : 4 }, () => this.#next()).join('');
    const code = Number.parseInt(digits, 16);
    return { ranges: [[code, code]], negated: false };
  }

  #written(characters: CharacterClass): string {
    const text = classText(characters);
    if (text === null) throw new PatternError('has a class without any character that a string can hold');
    return text;
  }

  get #done(): boolean {
    return this.#at >= this.#characters.length;
  }

  get #peek(): string {
    return this.#characters[this.#at] ?? '';
  }

  #next(): string {
    return this.#characters[this.#at++] ?? '';
  }

  #take(character: string): boolean {
    if (this.#done || this.#peek !== character) return false;
    this.#at++;
    return true;
  }

  #until(end: string): string {
    const start = this.#at;
    while (!this.#done && this.#peek !== end) this.#at++;
    return this.#characters.slice(start, this.#at++).join('');
  }
}

function single(character: string): Ranges[number] {
  const code = character.codePointAt(0) ?? 0;
  return [code, code];
}
