/** `case … in … esac`. */

import { NotUnderstood } from './cursor.ts';
import { close, reservedAt } from './grammar.ts';
import type { Grammar } from './grammar.ts';
import { readWord } from './words.ts';

export function readCase(grammar: Grammar, opened: number): void {
  const { cursor } = grammar;
  cursor.blanks();
  readWord(cursor, grammar);
  grammar.newlines();
  if (!cursor.match(/in(?=\s)/y)) cursor.fail('case without in');
  cursor.pos += 2;
  grammar.newlines();
  while (reservedAt(cursor) !== 'esac') {
    if (cursor.atEnd) throw new NotUnderstood(opened, 'this is not closed by esac');
    pattern(grammar);
    grammar.list(['esac']);
    if (!cursor.take(';;&') && !cursor.take(';;') && !cursor.take(';&') && reservedAt(cursor) !== 'esac') {
      cursor.fail(`"${cursor.peek()}" is not expected here`);
    }
    grammar.newlines();
  }
  close(grammar, 'esac', opened);
}

function pattern(grammar: Grammar): void {
  const { cursor } = grammar;
  cursor.take('(');
  do {
    cursor.blanks();
    if (readWord(cursor, grammar).parts.length === 0) cursor.fail('a case without a pattern');
    cursor.blanks();
  } while (cursor.take('|'));
  if (!cursor.take(')')) cursor.fail('a pattern without its parenthesis');
}
