/** The table of instances. Pure. */

import type { Line, Span } from '../line.ts';
import { selectedInstance, shownInstances, viewAround } from '../selection.ts';
import type { DashboardState } from '../state.ts';
import { fit, neutralise } from '../text.ts';
import { COLUMN_GAP, fitColumns } from './columns.ts';
import type { FittedColumn, Row } from './columns.ts';

const MARK = '▸ ';
const NO_MARK = '  ';

/** The names of the columns, and the rows around the selected one. */
export function instanceLines(state: DashboardState, width: number, height: number): readonly Line[] {
  const shown = shownInstances(state);
  if (shown.length === 0) return [emptyLine(state)];
  const stale = state.link.kind === 'disconnected';
  const ageMs = stale ? 0 : Math.max(0, state.now - state.picture.at);
  const rows = shown.map((instance) => ({ instance, ageMs }));
  const columns = fitColumns(rows, width - MARK.length);
  const at = Math.max(
    0,
    shown.findIndex(({ name }) => name === state.selected),
  );
  return [
    headLine(columns),
    ...viewAround(rows, at, height - 1).map((row) =>
      rowLine(row, columns, { selected: row.instance === selectedInstance(state), stale }),
    ),
  ];
}

function emptyLine({ filter, picture }: DashboardState): Line {
  if (picture.instances.length === 0) {
    return [{ text: '  no instances yet; make one with "drover init NAME --profile cpu -m demo"', tone: 'grey' }];
  }
  return [{ text: `  nothing matches "${neutralise(filter)}"; Esc clears the filter`, tone: 'grey' }];
}

function headLine(columns: readonly FittedColumn[]): Line {
  const titles = columns.map(({ column, width }) => fit(column.title, width, column.align));
  return [{ text: NO_MARK + titles.join(' '.repeat(COLUMN_GAP)), tone: 'grey' }];
}

interface RowLook {
  readonly selected: boolean;
  readonly stale: boolean;
}

function rowLine(row: Row, columns: readonly FittedColumn[], { selected, stale }: RowLook): Line {
  const cells = columns.flatMap(({ column, width }, at): Span[] => {
    const text = fit(neutralise(column.cell(row)), width, column.align);
    const gap = at === 0 ? '' : ' '.repeat(COLUMN_GAP);
    return [{ text: gap }, { text, tone: column.tone?.(row), bold: selected, dim: isFaded(row, stale) }];
  });
  const mark: Span = selected ? { text: MARK, tone: 'cyan', bold: true } : { text: NO_MARK };
  return [mark, ...cells];
}

/** What was true when the daemon last answered, and what sleeps. */
function isFaded({ instance }: Row, stale: boolean): boolean {
  return stale || instance.status === 'asleep';
}
