/** Expansions, within words and quotes: whatever begins with `$`, back-ticks, and `<(…)`. */

import { decodeAnsi } from './ansi.ts';
import { arithmeticEnd, readArithmetic } from './arithmetic.ts';
import { NotUnderstood } from './cursor.ts';
import type { WordPart } from './tree.ts';
import { literal } from './word-reader.ts';
import type { WordReader } from './word-reader.ts';

const NAME = /[A-Za-z_][A-Za-z0-9_]*/y;
const SPECIAL = /[0-9@*#?$!-]/y;
const PARAMETER = /(!?[A-Za-z_][A-Za-z0-9_]*|!?[0-9]+|[@*#?$!-])(\[[^\]$`"'\\{}]*\])?/y;

export function readDollar(reader: WordReader, quoting: 'bare' | 'quoted'): WordPart {
  const { cursor } = reader;
  const quoted = quoting === 'quoted';
  if (!quoted && cursor.startsWith("$'")) return literal(ansi(reader), true);
  if (!quoted && cursor.startsWith('$"')) return translated(reader);
  if (cursor.startsWith('$((')) return arithmetic(reader, quoted);
  if (cursor.startsWith('$(')) return substitution(reader, quoted);
  if (cursor.startsWith('${')) return braced(reader, quoted);
  if (cursor.startsWith('$[')) cursor.fail('$[…] is an old form of $((…))');
  cursor.pos += 1;
  const name = (cursor.match(NAME) ?? cursor.match(SPECIAL))?.[0];
  if (name === undefined) return literal('$', quoted);
  cursor.pos += name.length;
  return { kind: 'parameter', name, quoted, fallback: null };
}

function ansi(reader: WordReader): string {
  const { cursor } = reader;
  const opened = cursor.pos;
  let at = opened + 2;
  while (at < cursor.end && cursor.text[at] !== "'") at += cursor.text[at] === '\\' ? 2 : 1;
  if (at >= cursor.end) throw new NotUnderstood(opened, 'this quote is not closed');
  cursor.pos = at + 1;
  return decodeAnsi(cursor.text.slice(opened + 2, at));
}

function translated(reader: WordReader): WordPart {
  reader.cursor.pos += 1;
  return { kind: 'parameter', name: null, quoted: true, fallback: reader.double() };
}

function arithmetic(reader: WordReader, quoted: boolean): WordPart {
  const { cursor } = reader;
  const end = arithmeticEnd(cursor, cursor.pos + 3);
  if (end < 0) return substitution(reader, quoted);
  cursor.pos += 3;
  cursor.nested(() => readArithmetic(cursor, end, () => reader.expanding(() => cursor.atEnd)));
  return { kind: 'arithmetic' };
}

function substitution(reader: WordReader, quoted: boolean): WordPart {
  const { cursor } = reader;
  const opened = cursor.pos;
  cursor.pos += 2;
  const commands = cursor.nested(() => reader.commands.untilParenthesis());
  cursor.expect(')', opened, 'this $(');
  return { kind: 'substitution', commands, quoted };
}

function braced(reader: WordReader, quoted: boolean): WordPart {
  const { cursor } = reader;
  const opened = cursor.pos;
  cursor.pos += 2;
  const counted = cursor.peek() === '#' && cursor.peek(1) !== '}';
  if (counted) cursor.pos += 1;
  const found = cursor.match(PARAMETER) ?? cursor.fail('${…} without a name');
  cursor.pos += found[0].length;
  if (!cursor.match(/[}:=+?#%/^,@*-]/y)) cursor.fail('this ${…} is none that bash knows');
  const operator = cursor.match(/:?[-=]/y)?.[0] ?? '';
  cursor.pos += operator.length;
  const rest = cursor.nested(() => reader.inBraces(quoted));
  cursor.expect('}', opened, 'this ${');
  const plain = rest.length === 0 && !counted && found[2] === undefined && !found[0].startsWith('!');
  const known = plain || operator !== '' ? (found[1] ?? null) : null;
  return { kind: 'parameter', name: known, quoted, fallback: operator === '' ? null : rest };
}

export function readBacktick(reader: WordReader, quoting: 'bare' | 'quoted'): WordPart {
  const { cursor } = reader;
  const opened = cursor.pos;
  let at = opened + 1;
  while (at < cursor.end && cursor.text[at] !== '`') at += cursor.text[at] === '\\' ? 2 : 1;
  if (at >= cursor.end) throw new NotUnderstood(opened, 'this back-tick is not closed');
  const escapes = quoting === 'quoted' ? /\\([\\$`"])/g : /\\([\\$`])/g;
  const inside = cursor.text.slice(opened + 1, at).replace(escapes, '$1');
  const commands = cursor.nested(() => reader.commands.whole(inside));
  cursor.pos = at + 1;
  return { kind: 'substitution', commands, quoted: quoting === 'quoted' };
}

export function readProcess(reader: WordReader): WordPart {
  const { cursor } = reader;
  const opened = cursor.pos;
  cursor.pos += 2;
  const stdin = cursor.text[opened] === '>' ? 'piped' : undefined;
  const commands = cursor.nested(() => reader.commands.untilParenthesis(stdin));
  cursor.expect(')', opened, 'this parenthesis');
  return { kind: 'process', commands };
}
