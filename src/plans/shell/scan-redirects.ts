/** Redirections of bash text, and the here-documents that they announce. */

import type { Draft, HereDocument, Scan } from './scan-state.ts';
import { readExpanding, readWord } from './scan-words.ts';
import type { Range } from './shell-scan.ts';

export function readRedirect(scan: Scan, command: Draft): void {
  const opened = scan.pos;
  const last = command.words.at(-1);
  if (last?.end === opened && /^\d+$/.test(scan.text.slice(last.start, last.end))) command.words.pop();
  if (/^[<>]\(/.test(scan.text.slice(opened, opened + 2))) {
    scan.pos += 1;
    scan.parenthesis();
    command.words.push({ start: opened, end: scan.pos });
    return;
  }
  const operator = /^(<<<|<<-|<<|<&|<>|<|&>>|&>|>>|>&|>\||>)/.exec(scan.text.slice(opened, opened + 3))?.[0] ?? '<';
  scan.pos += operator.length;
  while (scan.text[scan.pos] === ' ' || scan.text[scan.pos] === '\t') scan.pos += 1;
  const target = readWord(scan);
  if (operator === '<<<') command.inputs.push(target);
  if (operator === '<<' || operator === '<<-') announce(scan, command, target, operator === '<<-');
}

function announce(scan: Scan, command: Draft, target: Range, stripTabs: boolean): void {
  const written = scan.text.slice(target.start, target.end);
  const delimiter = written.replace(/["'\\]/g, '');
  while ((scan.regions.at(-1)?.start ?? -1) >= target.start) scan.regions.pop();
  scan.mark(target.start, target.end, 'heredoc-delimiter');
  scan.pending.push({ delimiter, quoted: delimiter !== written, stripTabs, command });
}

/** Those that wait, from the line that begins here. */
export function readHereDocuments(scan: Scan): void {
  const pending = scan.pending;
  scan.pending = [];
  for (const document of pending) hereDocument(scan, document);
}

function hereDocument(scan: Scan, { delimiter, quoted, stripTabs, command }: HereDocument): void {
  const start = scan.pos;
  let lineStart = start;
  let next = start;
  while (lineStart < scan.end) {
    const newline = scan.text.indexOf('\n', lineStart);
    const lineEnd = newline < 0 || newline >= scan.end ? scan.end : newline;
    next = Math.min(lineEnd + 1, scan.end);
    const line = scan.text.slice(lineStart, lineEnd);
    if ((stripTabs ? line.replace(/^\t+/, '') : line) === delimiter) break;
    lineStart = next;
  }
  command.inputs.push({ start, end: lineStart });
  if (quoted) scan.mark(start, lineStart, 'heredoc-quoted');
  else scan.within(lineStart, () => readExpanding(scan, 'heredoc', () => false));
  scan.pos = Math.max(next, scan.pos);
}
