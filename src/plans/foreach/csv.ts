/** Reads CSV and TSV with a header line to records (RFC 4180 quotes). No types are guessed: every value is text. */

/** Records in the order of the rows, or what is wrong with the text. */
type CsvRecords = readonly Readonly<Record<string, string>>[] | string;

interface CsvReader {
  /** The records that end in this piece of the text. After a problem nothing more may be pushed. */
  push(text: string): CsvRecords;
  /** The rest, once there is no more text. */
  end(): CsvRecords;
}

export function createCsvReader(separator: ',' | '\t'): CsvReader {
  let rest = '';
  let line = 1;
  let header: readonly string[] | null = null;

  /** Rows up to one that may go on in the next piece. */
  function read(isLast: boolean): CsvRecords {
    const records: Record<string, string>[] = [];
    let at = 0;
    while (at < rest.length) {
      const row = readRow(rest, { at, line }, separator);
      if (!isLast && row.mayGoOn) break;
      if (row.kind === 'malformed') return row.reason;
      const record = take(row);
      if (typeof record === 'string') return record;
      if (record) records.push(record);
      ({ at, line } = row.next);
    }
    rest = rest.slice(at);
    return records;
  }

  /** Null for the header and for empty lines. */
  function take({ cells }: Extract<Row, { kind: 'row' }>): Record<string, string> | string | null {
    if (cells.length === 1 && cells[0] === '') return null;
    if (header === null) {
      header = cells;
      const twice = cells.find((name, index) => cells.indexOf(name) !== index);
      return twice === undefined ? null : `the header names "${twice}" twice`;
    }
    if (cells.length !== header.length)
      return `line ${line} has ${cells.length} values, the header has ${header.length}`;
    return Object.fromEntries(header.map((name, index) => [name, cells[index] ?? '']));
  }

  return {
    push(text) {
      rest += text;
      return read(false);
    },
    end() {
      const records = read(true);
      return header === null && typeof records !== 'string' ? 'there is no header line' : records;
    },
  };
}

interface Point {
  readonly at: number;
  readonly line: number;
}

/** `mayGoOn`: more text could make another row of it. */
type Row =
  | { readonly kind: 'row'; readonly cells: readonly string[]; readonly next: Point; readonly mayGoOn: boolean }
  | { readonly kind: 'malformed'; readonly reason: string; readonly mayGoOn: boolean };

function readRow(text: string, from: Point, separator: string): Row {
  const cells: string[] = [];
  let { at, line } = from;
  for (;;) {
    const cell = text[at] === '"' ? quotedCell(text, at) : plainCell(text, at, separator);
    if (cell === undefined)
      return { kind: 'malformed', reason: `the quote opened on line ${line} is not closed`, mayGoOn: true };
    cells.push(cell.value);
    line += cell.lines;
    at = cell.end;
    if (text[at] !== separator) break;
    at += 1;
  }
  if (text[at] === '\r') at += 1;
  if (at < text.length && text[at] !== '\n')
    return { kind: 'malformed', reason: `line ${line} has text after a closing quote`, mayGoOn: false };
  return { kind: 'row', cells, next: { at: at + 1, line: line + 1 }, mayGoOn: at >= text.length };
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
