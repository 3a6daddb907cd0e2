/** The whole screen as lines: header, panes in their bands, footer. Pure; `screen.ts` puts it on the terminal. */

import { assertNever } from '../../kernel/assert-never.ts';
import { cutLine, lineWidth } from '../line.ts';
import type { Line } from '../line.ts';
import { KEY_TABLE } from '../keys.ts';
import { GAP, helpRows, SMALLEST } from '../layout.ts';
import type { PlacedPane } from '../layout.ts';
import { layoutFor, shownInstances } from '../selection.ts';
import type { DashboardState, Size } from '../state.ts';
import { neutralise } from '../text.ts';
import { BAR_LEGEND, deviceLines } from './device-lines.ts';
import { factLines, logLines } from './event-lines.ts';
import { footerLines } from './footer.ts';
import { headerLine } from './header.ts';
import { helpLines } from './help.ts';
import { instanceLines } from './instance-table.ts';

/** A rectangle of the screen: exactly `height` lines, each at most `width` cells. */
interface Block {
  readonly width: number;
  readonly height: number;
  readonly lines: readonly Line[];
}

/** One line for each row of the screen, none wider than it. */
export function viewOf(state: DashboardState): readonly Line[] {
  const { columns, rows } = state.size;
  const layout = layoutFor(state);
  if (layout.kind === 'too-small') return block(columns, rows, [tooSmall(state)]).lines;
  const footer = footerLines(state, columns);
  const body =
    state.mode.kind === 'help'
      ? [[helpBlock(state.mode.top, state.size)]]
      : layout.bands.map((band) => band.map((placed) => paneBlock(state, placed)));
  return [
    cutLine(headerLine(state, columns), columns),
    ...body.flatMap(sideBySide),
    ...footer.map((line) => cutLine(line, columns)),
  ];
}

/** All but the last block filled to their width. */
function sideBySide(blocks: readonly Block[]): readonly Line[] {
  const [first] = blocks;
  return Array.from({ length: first?.height ?? 0 }, (_, row) =>
    blocks.flatMap(({ width, lines }, at): Line => {
      const line = lines[row] ?? [];
      const fill = at === blocks.length - 1 ? 0 : width - lineWidth(line) + GAP;
      return fill === 0 ? line : [...line, { text: ' '.repeat(fill) }];
    }),
  );
}

function tooSmall({ size }: DashboardState): Line {
  const text = `${size.columns}×${size.rows} is too small; ${SMALLEST.columns}×${SMALLEST.rows} is enough`;
  return [{ text, tone: 'yellow' }];
}

function helpBlock(top: number, size: Size): Block {
  const rows = helpRows(size);
  const info = KEY_TABLE.length > rows ? '↑ ↓ show more, any other key closes this' : 'any key closes this';
  return block(size.columns, rows + 1, [titleLine('Keys', info, size.columns, true), ...helpLines(top)]);
}

function paneBlock(state: DashboardState, placed: PlacedPane): Block {
  const { pane, width, height } = placed;
  const { name, info } = titleOf(state, placed);
  const title = titleLine(name, info, width, state.focus === pane);
  return block(width, height, [title, ...paneLines(state, { ...placed, height: height - 1 })]);
}

function paneLines(state: DashboardState, { pane, width, height }: PlacedPane): readonly Line[] {
  switch (pane) {
    case 'instances':
      return instanceLines(state, width, height);
    case 'devices':
      return deviceLines(state, width, height);
    case 'facts':
      return factLines(state, width, height);
    case 'log':
      return logLines(state, height);
    default:
      return assertNever(pane);
  }
}

interface Title {
  readonly name: string;
  readonly info: string;
}

function titleOf(state: DashboardState, { pane }: PlacedPane): Title {
  const { picture, filter, log, scrolls } = state;
  switch (pane) {
    case 'instances':
      return { name: 'Instances', info: instancesInfo(shownInstances(state).length, picture.instances.length, filter) };
    case 'devices':
      return { name: 'Devices', info: BAR_LEGEND };
    case 'facts':
      return { name: 'Facts', info: scrolls.facts === 0 ? 'UTC' : `UTC, ${scrolls.facts} newer below` };
    case 'log':
      return {
        name: `Log of ${log?.name ?? ''}`,
        info: `${log?.stream ?? ''}, ${scrolls.log === 0 ? 'following' : `${scrolls.log} newer below`}`,
      };
    default:
      return assertNever(pane);
  }
}

function instancesInfo(shown: number, total: number, filter: string): string {
  return filter === '' ? String(total) : `${shown} of ${total} match "${neutralise(filter)}"`;
}

/** A rule with the pane's name; that of the focused pane is heavy and bright. */
function titleLine(name: string, info: string, width: number, focused: boolean): Line {
  const rule = focused ? '━' : '─';
  const look = focused ? ({ tone: 'cyan', bold: true } as const) : ({ tone: 'grey' } as const);
  const head: Line = [
    { text: `${rule} `, ...look },
    { text: neutralise(name), bold: true, ...(focused ? { tone: 'cyan' as const } : {}) },
    { text: ` ${rule} ${info} `, ...look },
  ];
  const rest = Math.max(0, width - lineWidth(head));
  return [...head, { text: rule.repeat(rest), ...look }];
}

function block(width: number, height: number, lines: readonly Line[]): Block {
  return { width, height, lines: Array.from({ length: height }, (_, row) => cutLine(lines[row] ?? [], width)) };
}
