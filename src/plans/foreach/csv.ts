/** Reads CSV and TSV with a header line to records (RFC 4180 quotes). No types are guessed: every value is text. */

export type CsvResult =
  | { readonly kind: 'records'; readonly records: readonly Readonly<Record<string, string>>[] }
  | { readonly kind: 'malformed'; readonly reason: string };

interface Row {
  readonly cells: string[];
  readonly line: number;
}

export function readCsv(text: string, separator: ',' | '\t'): CsvResult {
  const rows = readRows(text, separator);
  if (typeof rows === 'string') return { kind: 'malformed', reason: rows };
  const [header, ...body] = rows;
  if (header === undefined) return { kind: 'malformed', reason: 'there is no header line' };
  const twice = header.cells.find((name, index) => header.cells.indexOf(name) !== index);
  if (twice !== undefined) return { kind: 'malformed', reason: `the header names "${twice}" twice` };
  const uneven = body.find((row) => row.cells.length !== header.cells.length);
  if (uneven !== undefined) {
    const reason = `line ${uneven.line} has ${uneven.cells.length} values, the header has ${header.cells.length}`;
    return { kind: 'malformed', reason };
  }
  const records = body.map(({ cells }) =>
    Object.fromEntries(header.cells.map((name, index) => [name, cells[index] ?? ''])),
  );
  return { kind: 'records', records };
}

/** The rows without empty lines, or what is wrong. */
function readRows(text: string, separator: string): Row[] | string {
  const rows: Row[] = [];
  let cells: string[] = [];
  let line = 1;
  let started = 1;
  let at = 0;
  while (at < text.length) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator);
    if (cell === undefined) return `the quote opened on line ${line} is not closed`;
    cells.push(cell.value);
    line += cell.lines;
    at = cell.end;
    if (text[at] === separator) {
      at += 1;
      if (at === text.length) cells.push('');
      continue;
    }
    if (text[at] === '\r') at += 1;
    if (at < text.length && text[at] !== '\n') return `line ${line} has text after a closing quote`;
    if (cells.length > 1 || cells[0] !== '') rows.push({ cells, line: started });
    cells = [];
    at += 1;
    line += 1;
    started = line;
  }
  if (cells.length > 0) rows.push({ cells, line: started });
  return rows;
}

interface Cell {
  readonly value: string;
  readonly end: number;
  readonly lines: number;
}

function plainCell(text: string, from: number, separator: string): Cell {
  let end = from;
  while (end < text.length && text[end] !== separator && text[end] !== '\n') end += 1;
  if (text[end - 1] === '\r' && text[end] === '\n') end -= 1;
  return { value: text.slice(from, Math.max(end, from)), end: Math.max(end, from), lines: 0 };
}

function quotedCell(text: string, from: number): Cell | undefined {
  let at = from + 1;
  const parts: string[] = [];
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return undefined;
    parts.push(text.slice(at, quote));
    if (text[quote + 1] !== '"') {
      const value = parts.join('"');
      return { value, end: quote + 1, lines: value.split('\n').length - 1 };
    }
    at = quote + 2;
  }
}
