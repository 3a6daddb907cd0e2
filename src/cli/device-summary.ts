/** What the readings of a while came to: of each device the least, mean and greatest value, and its conditions. Pure. */

import type { DeviceView } from '../contract/daemon.ts';
import { groupBy } from '../kernel/groups.ts';
import { renderFitting } from './table.ts';
import type { Column } from './table.ts';

interface Range {
  readonly least: number;
  readonly mean: number;
  readonly greatest: number;
}

interface DeviceSummary {
  readonly host: string;
  readonly id: string;
  readonly readings: number;
  /** Null: nothing measured it. */
  readonly temperature_c: Range | null;
  readonly power_w: Range | null;
  readonly utilisation_percent: Range | null;
  readonly observed_bytes: Range | null;
  readonly reserved_bytes: Range | null;
  /** How many readings found it in each condition. */
  readonly conditions: Readonly<Record<string, number>>;
}

export function summarise(rounds: readonly (readonly DeviceView[])[]): readonly DeviceSummary[] {
  const byDevice = groupBy(rounds.flat(), ({ host, id }) => `${host}/${id}`);
  return [...byDevice.values()].flatMap((readings) => summariseOne(readings) ?? []);
}

function summariseOne(readings: readonly DeviceView[]): DeviceSummary | null {
  const [first] = readings;
  if (first === undefined) return null;
  const conditions: Record<string, number> = {};
  for (const { condition } of readings) conditions[condition] = (conditions[condition] ?? 0) + 1;
  return {
    host: first.host,
    id: first.id,
    readings: readings.length,
    temperature_c: rangeOf(readings.map((device) => device.temperature_c)),
    power_w: rangeOf(readings.map((device) => device.power_w)),
    utilisation_percent: rangeOf(readings.map((device) => device.utilisation_percent)),
    observed_bytes: rangeOf(readings.map((device) => device.observed_bytes)),
    reserved_bytes: rangeOf(readings.map((device) => device.reserved_bytes)),
    conditions,
  };
}

function rangeOf(values: readonly (number | null)[]): Range | null {
  const known = values.filter((value) => value !== null);
  if (known.length === 0) return null;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return { least: Math.min(...known), mean, greatest: Math.max(...known) };
}

const MIB = 1024 ** 2;

/** In at most `room` characters a line. */
export function renderSummary(summaries: readonly DeviceSummary[], room: number): string {
  return `${renderFitting(COLUMNS, summaries, room)}each value: least/mean/greatest\n`;
}

const COLUMNS: readonly Column<DeviceSummary>[] = [
  { title: 'DEVICE', cell: ({ host, id }) => `${host}/${id}` },
  { title: 'READINGS', align: 'right', spare: 3, cell: ({ readings }) => String(readings) },
  { title: 'TEMP °C', align: 'right', cell: (row) => shown(row.temperature_c) },
  { title: 'POWER W', align: 'right', cell: (row) => shown(row.power_w) },
  { title: 'BUSY %', align: 'right', cell: (row) => shown(row.utilisation_percent) },
  { title: 'USED MB', align: 'right', cell: (row) => shown(row.observed_bytes, MIB) },
  { title: 'RESERVED MB', align: 'right', spare: 4, cell: (row) => shown(row.reserved_bytes, MIB) },
  {
    title: 'CONDITION',
    cuttable: true,
    cell: ({ conditions }) =>
      Object.entries(conditions)
        .map(([condition, count]) => `${condition} ${count}`)
        .join(', '),
  },
];

/** Least, mean and greatest. */
function shown(range: Range | null, unit = 1): string {
  if (range === null) return '-';
  return [range.least, range.mean, range.greatest].map((value) => Math.round(value / unit)).join('/');
}
