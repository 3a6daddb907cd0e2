/**
 * Reads bash text far enough to know, for every offset, in which quoting context it stands and of which simple
 * command it is a word. It checks no syntax beyond unclosed quotes and never throws.
 */

import { readHereDocuments, readRedirect } from './scan-redirects.ts';
import { METACHARACTERS, Scan } from './scan-state.ts';
import type { Draft } from './scan-state.ts';
import { readWord } from './scan-words.ts';
import type { ShellScan } from './shell-scan.ts';

export function scanShell(text: string): ShellScan {
  const scan = new Scan(text, readParenthesis);
  readList(scan, 'nothing', 0);
  const { commands, tests, problems } = scan;
  return { regions: scan.regions.toSorted((a, b) => a.start - b.start), commands, tests, problems };
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

/** Where a list of commands stands. */
interface Place {
  command: Draft;
  /** `case` words that are open here. */
  cases: number;
}

/** Commands up to a closing parenthesis, which is taken too, or the end. */
function readList(scan: Scan, closer: 'nothing' | 'parenthesis', opened: number): void {
  scan.nested(opened, 'commands are nested too deeply', () => {
    const place: Place = { command: scan.begin(), cases: 0 };
    while (scan.pos < scan.end) {
      if (scan.text[scan.pos] === ')' && place.cases === 0 && closer === 'parenthesis') break;
      token(scan, place);
    }
  });
  if (closer === 'nothing') return;
  if (scan.pos < scan.end) scan.pos += 1;
  else if (scan.problems.length === 0)
    scan.problems.push({ offset: opened, message: 'this parenthesis is not closed' });
}

function token(scan: Scan, place: Place): void {
  const character = scan.text[scan.pos] ?? '';
  if (character === ' ' || character === '\t') scan.pos += 1;
  else if (character === '\\' && scan.text[scan.pos + 1] === '\n') scan.pos += 2;
  else if (character === '#') comment(scan);
  else if (character === '(') readParenthesis(scan);
  else if (character === '<' || character === '>' || scan.text.startsWith('&>', scan.pos))
    readRedirect(scan, place.command);
  else if (METACHARACTERS.includes(character)) {
    scan.pos += 1;
    place.command = scan.begin();
    if (character === '\n') readHereDocuments(scan);
  } else wordOf(scan, place);
}

function comment(scan: Scan): void {
  const newline = scan.text.indexOf('\n', scan.pos);
  const end = newline < 0 || newline > scan.end ? scan.end : newline;
  scan.mark(scan.pos, end, 'comment');
  scan.pos = end;
}

function readParenthesis(scan: Scan): void {
  const opened = scan.pos;
  const end = scan.text[opened + 1] === '(' ? arithmeticEnd(scan, opened + 2) : -1;
  if (end >= 0) {
    scan.mark(opened, end, 'arithmetic');
    scan.pos = end;
    return;
  }
  scan.pos += 1;
  readList(scan, 'parenthesis', opened);
}

function wordOf(scan: Scan, place: Place): void {
  const leads = place.command.words.every((word) => LEADING_WORDS.has(scan.text.slice(word.start, word.end)));
  const word = readWord(scan);
  place.command.words.push(word);
  const text = scan.text.slice(word.start, word.end);
  if (leads && text === 'case') place.cases += 1;
  if (leads && text === 'esac' && place.cases > 0) place.cases -= 1;
  if (leads && text === '[[') scan.testStart = word.end;
  if (text === ']]' && scan.testStart >= 0) {
    scan.tests.push({ start: scan.testStart, end: word.start });
    scan.testStart = -1;
  }
}

/** The end of `((…))` whose inside starts at `from`, or -1 when these are two plain parentheses. */
function arithmeticEnd(scan: Scan, from: number): number {
  let depth = 2;
  for (let index = from; index < scan.end; index += 1) {
    const character = scan.text[index];
    if (character === '(') depth += 1;
    if (character === ')') depth -= 1;
    if (depth === 1) return scan.text[index + 1] === ')' ? index + 2 : -1;
  }
  return -1;
}
