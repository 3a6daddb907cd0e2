/** Rows as a table: aligned, two blanks between columns, never wrapped, as wide as there is room. Pure. */

export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: T) => string;
  /** Colours the padded cell. */
  readonly paint?: (row: T, text: string) => string;
  /** Left out where there is no room, the highest first; absent: always shown. */
  readonly spare?: number;
  /** Cut, where there is no room, before anything is left out. */
  readonly cuttable?: boolean;
}

const GAP = 2;
/** What is cut keeps this much of itself. */
const SHORTEST_CUT = 16;

/** The table in at most `room` characters a line, as far as leaving out and cutting can do that. */
export function renderFitting<T>(columns: readonly Column<T>[], rows: readonly T[], room: number): string {
  const widths = new Map(columns.map((column) => [column, widthOf(column, rows)]));
  const least = (column: Column<T>): number =>
    column.cuttable === true ? Math.min(SHORTEST_CUT, widths.get(column) ?? 0) : (widths.get(column) ?? 0);
  const needed = (shown: readonly Column<T>[]): number =>
    shown.reduce((sum, column) => sum + least(column) + GAP, -GAP);
  let shown = columns;
  for (const column of columns.toSorted((a, b) => (b.spare ?? 0) - (a.spare ?? 0))) {
    if (needed(shown) <= room || column.spare === undefined) break;
    shown = shown.filter((each) => each !== column);
  }
  let left = room - needed(shown);
  const fitted = shown.map((column) => {
    if (column.cuttable !== true) return column;
    const width = Math.max(1, Math.min(widths.get(column) ?? 0, least(column) + left));
    left -= width - least(column);
    return cut(column, width);
  });
  return renderTable(fitted, rows);
}

function widthOf<T>(column: Column<T>, rows: readonly T[]): number {
  return Math.max(column.title.length, ...rows.map((row) => oneLine(column.cell(row)).length));
}

function cut<T>(column: Column<T>, width: number): Column<T> {
  return { ...column, title: column.title.slice(0, width), cell: (row) => cutTo(width, oneLine(column.cell(row))) };
}

export function cutTo(width: number, text: string): string {
  return text.length <= width ? text : `${text.slice(0, width - 1)}…`;
}

export function renderTable<T>(columns: readonly Column<T>[], rows: readonly T[]): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.cell(row))));
  const widths = columns.map((column, at) =>
    Math.max(column.title.length, ...cells.map((row) => row[at]?.length ?? 0)),
  );
  const pad = (at: number, text: string): string => {
    const width = widths[at] ?? 0;
    return columns[at]?.align === 'right' ? text.padStart(width) : text.padEnd(width);
  };
  const head = columns.map((column, at) => pad(at, column.title));
  const body = rows.map((row, index) =>
    columns.map((column, at) => {
      const text = pad(at, cells[index]?.[at] ?? '');
      return column.paint ? column.paint(row, text) : text;
    }),
  );
  return [head, ...body].map((row) => `${row.join('  ').trimEnd()}\n`).join('');
}

/** Aligned `name  value` lines for what has one of everything. */
export function renderFields(fields: readonly (readonly [name: string, value: string])[]): string {
  const width = Math.max(0, ...fields.map(([name]) => name.length));
  return fields.map(([name, value]) => `${name.padEnd(width)}  ${value}`.trimEnd() + '\n').join('');
}

function oneLine(text: string): string {
  return text.replace(/\s*\n\s*/g, ' ');
}
