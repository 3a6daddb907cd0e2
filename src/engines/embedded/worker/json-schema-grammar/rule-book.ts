/** The rules of one GBNF grammar while it is written: fresh names, literals, repetitions. Pure but for its own list. */

export class RuleBook {
  readonly #rules = new Map<string, string>();
  #unnamed = 0;

  /** Takes a name for a rule whose text follows later: it may then refer to itself. */
  reserve(): string {
    const name = `r${++this.#unnamed}`;
    this.#rules.set(name, '""');
    return name;
  }

  define(name: string, expression: string): string {
    this.#rules.set(name, expression);
    return name;
  }

  add(expression: string): string {
    return this.define(this.reserve(), expression);
  }

  has(name: string): boolean {
    return this.#rules.has(name);
  }

  toText(root: string): string {
    const rules = [...this.#rules].map(([name, expression]) => `${name} ::= ${expression}\n`);
    return `root ::= ${root}\n${rules.join('')}`;
  }
}

const ESCAPES: Readonly<Record<string, string>> = { '"': '\\"', '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** A text as it stands. */
export function literal(text: string): string {
  return `"${text.replace(/["\\\n\r\t]/g, (character) => ESCAPES[character] ?? character)}"`;
}

/** A value in its one JSON spelling. */
export function jsonLiteral(value: unknown): string {
  return literal(JSON.stringify(value));
}

export function oneOf(alternatives: readonly string[]): string {
  return alternatives.length === 1 ? (alternatives[0] ?? '""') : `( ${alternatives.join(' | ')} )`;
}

/** What llama.cpp repeats in one go; it refuses more than 2000. */
const MOST_AT_ONCE = 1_000;
/** Beyond this a grammar takes seconds to read. */
export const MOST_REPEATED = 10_000;

/** `item` from `least` to `most` times; long repetitions are written in pieces. */
export function repeated(item: string, least: number, most: number): string {
  if (most === 0) return '""';
  if (most === Infinity) return `${exactly(item, least)} ${item}*`;
  if (least === most) return exactly(item, least);
  if (least > 0) return `${exactly(item, least)} ${repeated(item, 0, most - least)}`;
  if (most <= MOST_AT_ONCE) return `${item}{0,${most}}`;
  return `( ${item}{0,${MOST_AT_ONCE - 1}} | ${item}{${MOST_AT_ONCE}} ${repeated(item, 0, most - MOST_AT_ONCE)} )`;
}

function exactly(item: string, count: number): string {
  if (count === 0) return '""';
  if (count <= MOST_AT_ONCE) return `${item}{${count}}`;
  return `${item}{${MOST_AT_ONCE}} ${exactly(item, count - MOST_AT_ONCE)}`;
}
