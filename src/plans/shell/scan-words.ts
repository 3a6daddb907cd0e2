/** Words of bash text with their quotes and expansions, marked as regions. */

import { METACHARACTERS } from './scan-state.ts';
import type { Scan } from './scan-state.ts';
import type { Range } from './shell-scan.ts';

const PLACEHOLDER = /\{(?:raw:)?[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z0-9_-]+)*\}/y;

export function readWord(scan: Scan): Range {
  const start = scan.pos;
  while (scan.pos < scan.end && !METACHARACTERS.includes(scan.text[scan.pos] ?? ' ')) wordPart(scan);
  return { start, end: scan.pos };
}

function wordPart(scan: Scan): void {
  const character = scan.text[scan.pos];
  if (character === '\\') scan.pos = Math.min(scan.pos + 2, scan.end);
  else if (character === "'") single(scan);
  else if (character === '"') double(scan);
  else if (character === '`') backtick(scan);
  else if (character === '$') dollar(scan, 'unquoted');
  else scan.pos += 1;
}

function single(scan: Scan): void {
  const opened = scan.pos;
  const close = scan.text.indexOf("'", opened + 1);
  if (close < 0 || close >= scan.end) return scan.giveUp(opened, 'this single quote is not closed');
  scan.mark(opened + 1, close, 'single');
  scan.pos = close + 1;
}

function double(scan: Scan): void {
  const opened = scan.pos;
  scan.pos += 1;
  readExpanding(scan, 'double', () => scan.text[scan.pos] === '"');
  if (scan.pos >= scan.end) return scan.giveUp(opened, 'this double quote is not closed');
  scan.pos += 1;
}

/** Text in which only `\`, `$` and the back-tick mean something, up to `closes` or the end. */
export function readExpanding(scan: Scan, context: 'double' | 'heredoc', closes: () => boolean): void {
  let from = scan.pos;
  while (scan.pos < scan.end && !closes()) {
    const character = scan.text[scan.pos];
    if (character === '\\') scan.pos = Math.min(scan.pos + 2, scan.end);
    else if (character === '$' || character === '`') {
      scan.mark(from, scan.pos, context);
      if (character === '$') dollar(scan, 'quoted');
      else backtick(scan);
      from = scan.pos;
    } else scan.pos += 1;
  }
  scan.mark(from, scan.pos, context);
}

function dollar(scan: Scan, quoting: 'quoted' | 'unquoted'): void {
  const opened = scan.pos;
  const next = scan.text[opened + 1];
  scan.pos += 1;
  if (next === "'" && quoting === 'unquoted') ansi(scan);
  else if (next === '"' && quoting === 'unquoted') double(scan);
  else if (next === '{') parameter(scan, opened, quoting);
  else if (next === '(') scan.parenthesis();
}

function ansi(scan: Scan): void {
  const opened = scan.pos;
  scan.pos += 1;
  while (scan.pos < scan.end && scan.text[scan.pos] !== "'") scan.pos += scan.text[scan.pos] === '\\' ? 2 : 1;
  if (scan.pos >= scan.end) return scan.giveUp(opened, 'this quote is not closed');
  scan.mark(opened + 1, scan.pos, 'ansi');
  scan.pos += 1;
}

function backtick(scan: Scan): void {
  const opened = scan.pos;
  scan.pos += 1;
  while (scan.pos < scan.end && scan.text[scan.pos] !== '`') scan.pos += scan.text[scan.pos] === '\\' ? 2 : 1;
  if (scan.pos >= scan.end) return scan.giveUp(opened, 'this back-tick is not closed');
  scan.mark(opened + 1, scan.pos, 'backtick');
  scan.pos += 1;
}

/** `${…}`: one region with all that is nested in it, since quoting inside follows rules of its own. */
function parameter(scan: Scan, opened: number, quoting: 'quoted' | 'unquoted'): void {
  const nested = scan.regions.length;
  scan.nested(opened, 'expansions are nested too deeply', () => {
    scan.pos += 1;
    while (scan.pos < scan.end && scan.text[scan.pos] !== '}') parameterPart(scan, quoting);
  });
  scan.regions.length = nested;
  scan.mark(opened, Math.min(scan.pos + 1, scan.end), 'parameter');
  if (scan.pos >= scan.end) return scan.giveUp(opened, 'this ${ is not closed');
  scan.pos += 1;
}

function parameterPart(scan: Scan, quoting: 'quoted' | 'unquoted'): void {
  const character = scan.text[scan.pos];
  PLACEHOLDER.lastIndex = scan.pos;
  const placeholder = character === '{' ? PLACEHOLDER.exec(scan.text) : null;
  if (placeholder !== null) scan.pos += placeholder[0].length;
  else if (character === "'" && quoting === 'quoted') scan.pos += 1;
  else if (character === '$' && quoting === 'quoted') dollar(scan, 'quoted');
  else wordPart(scan);
}
