/** Rows as a table: aligned, two blanks between columns, never wrapped. Pure. */

export interface Column<T> {
  readonly title: string;
  readonly align?: 'left' | 'right';
  readonly cell: (row: T) => string;
  /** Colours the padded cell. */
  readonly paint?: (row: T, text: string) => string;
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
