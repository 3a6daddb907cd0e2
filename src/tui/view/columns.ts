/**
 * The columns of the instance table: what each shows, and which of them are shown at a width. Widths follow the
 * content; when not all fit, the least important go first. Pure.
 */

import { formatDuration } from '../../contract/durations.ts';
import type { InstanceView } from '../../contract/instance-views.ts';
import type { Tone } from '../line.ts';
import { neutralise, textWidth } from '../text.ts';
import { HEALTH_TONES, STATUS_TONES } from '../tones.ts';
import { isNotable, marksOf } from './marks.ts';

export interface Row {
  readonly instance: InstanceView;
  /** Since the picture was taken. */
  readonly ageMs: number;
}

interface Column {
  readonly title: string;
  readonly align: 'left' | 'right';
  /** The higher, the longer it stays. */
  readonly priority: number;
  readonly least: number;
  /** Content up to this width is shown before a less important column is. */
  readonly kept?: number;
  readonly most: number;
  /** Takes what is left over, beyond `most`. */
  readonly grows?: boolean;
  readonly cell: (row: Row) => string;
  readonly tone?: (row: Row) => Tone | undefined;
}

export interface FittedColumn {
  readonly column: Column;
  readonly width: number;
}

/** Blanks between columns. */
export const COLUMN_GAP = 2;

const left = { align: 'left' } as const;
const right = { align: 'right' } as const;

/** In the order in which they stand. */
const COLUMNS: readonly Column[] = [
  { title: 'NAME', ...left, priority: 100, least: 8, kept: 16, most: 24, cell: ({ instance }) => instance.name },
  {
    title: 'STATUS',
    ...left,
    priority: 99,
    least: 10,
    most: 10,
    cell: ({ instance }) => `${instance.status}${isNotable(instance) ? '*' : ''}`,
    tone: ({ instance }) => STATUS_TONES[instance.status],
  },
  {
    title: 'HEALTH',
    ...left,
    priority: 90,
    least: 9,
    most: 9,
    cell: ({ instance }) => instance.health,
    tone: ({ instance }) => HEALTH_TONES[instance.health],
  },
  { title: 'PID', ...right, priority: 40, least: 7, most: 7, cell: ({ instance }) => orDash(instance.pid) },
  { title: 'PORT', ...right, priority: 80, least: 5, most: 5, cell: ({ instance }) => orDash(instance.port) },
  { title: 'BACKEND', ...left, priority: 20, least: 7, most: 7, cell: ({ instance }) => instance.backend },
  { title: 'DEVICE', ...left, priority: 50, least: 6, most: 14, cell: ({ instance }) => instance.device || '-' },
  { title: 'MODEL', ...left, priority: 30, least: 8, most: 28, cell: ({ instance }) => lastPart(instance.model) },
  {
    title: 'SLOTS',
    ...right,
    priority: 75,
    least: 5,
    most: 5,
    cell: ({ instance }) => slots(instance),
    tone: busyTone,
  },
  { title: 'TOK/S', ...right, priority: 70, least: 6, most: 6, cell: ({ instance }) => speed(instance) },
  { title: 'UPTIME', ...right, priority: 65, least: 6, most: 7, cell: uptime },
  {
    title: 'NOTE',
    ...left,
    priority: 60,
    least: 8,
    kept: 13,
    most: 20,
    grows: true,
    cell: ({ instance }) => marksOf(instance),
    tone: ({ instance }) => (instance.reason === null ? 'yellow' : 'red'),
  },
];

/** The columns that fit into `width` cells, in their order, with their widths. */
export function fitColumns(rows: readonly Row[], width: number): readonly FittedColumn[] {
  const wanted = COLUMNS.filter(({ grows, cell }) => !grows || rows.some((row) => cell(row) !== ''));
  const least = wanted.map((column) => ({
    column,
    width: Math.max(column.least, Math.min(column.kept ?? 0, contentWidth(column, rows))),
  }));
  const fitted = chooseColumns(least, width);
  return widen(fitted, rows, width);
}

function chooseColumns(columns: readonly FittedColumn[], width: number): readonly FittedColumn[] {
  const chosen = new Set<FittedColumn>();
  let used = -COLUMN_GAP;
  for (const fitted of columns.toSorted((a, b) => b.column.priority - a.column.priority)) {
    used += fitted.width + COLUMN_GAP;
    if (used > width && chosen.size > 0) break;
    chosen.add(fitted);
  }
  return columns.filter((fitted) => chosen.has(fitted));
}

/** Gives the cells that are left to columns whose content wants them, the important first. */
function widen(fitted: readonly FittedColumn[], rows: readonly Row[], width: number): readonly FittedColumn[] {
  let free = width - fitted.reduce((sum, each) => sum + each.width + COLUMN_GAP, -COLUMN_GAP);
  const widths = new Map<Column, number>();
  for (const { column, width: least } of fitted.toSorted((a, b) => b.column.priority - a.column.priority)) {
    const wish = Math.min(contentWidth(column, rows), column.grows ? Infinity : column.most) - least;
    const more = Math.max(0, Math.min(free, wish));
    widths.set(column, least + more);
    free -= more;
  }
  return fitted.map(({ column, width: least }) => ({ column, width: widths.get(column) ?? least }));
}

function contentWidth({ cell }: Column, rows: readonly Row[]): number {
  return Math.max(0, ...rows.map((row) => textWidth(neutralise(cell(row)))));
}

function orDash(value: number | null): string {
  return value === null ? '-' : String(value);
}

function slots({ slots: { busy, total } }: InstanceView): string {
  return `${busy}/${total}`;
}

function busyTone({ instance }: Row): Tone | undefined {
  return instance.slots.busy > 0 ? 'cyan' : undefined;
}

function speed({ tokens_per_second: tokensPerSecond }: InstanceView): string {
  if (tokensPerSecond === 0) return '-';
  return tokensPerSecond < 100 ? tokensPerSecond.toFixed(1) : String(Math.round(tokensPerSecond));
}

function uptime({ instance, ageMs }: Row): string {
  return instance.uptime_ms === null ? '-' : formatAge(instance.uptime_ms + ageMs);
}

/** Whole seconds below a minute, days beyond a hundred hours. */
export function formatAge(ms: number): string {
  if (ms < 60_000) return `${Math.floor(ms / 1_000)}s`;
  return ms < 100 * 3_600_000 ? formatDuration(ms) : `${Math.floor(ms / 86_400_000)}d`;
}

/** Of a path the file: what stands before it is the same for most. */
function lastPart(model: string): string {
  return model.split('/').at(-1) || model;
}
