/** Devices for people: a heading per host, a row per device, within the width of the terminal. Pure. */

import { formatDuration } from '../contract/durations.ts';
import type { DeviceView } from '../contract/daemon.ts';
import { parseTime } from '../kernel/clock.ts';
import type { CliContext } from './context.ts';
import { cutTo, renderTable } from './table.ts';
import type { Column } from './table.ts';

interface TableRoom {
  /** Widest line; a card's name is cut to keep within it. */
  readonly columns: number;
  /** Epoch ms. */
  readonly now: number;
}

const BAR = 8;
/** Who takes all work needs no word about it. */
const ALL_ROLES = 3;
const GIB = 1024 ** 3;
/** A name is cut no shorter than this, whatever the width. */
const SHORTEST_NAME = 8;

/** Only a terminal has a width. */
export function tableRoom({ out, clock }: Pick<CliContext, 'out' | 'clock'>): TableRoom {
  return { columns: out.isTerminal ? out.columns : Number.POSITIVE_INFINITY, now: clock.now() };
}

export function renderDevices(devices: readonly DeviceView[], room: TableRoom): string {
  if (devices.length === 0) return 'no device is known yet: no agent has told of any ("drover daemon status")\n';
  const hosts = [...new Set(devices.map(({ host }) => host))];
  return hosts
    .map((host) =>
      renderHost(
        devices.filter((device) => device.host === host),
        room,
      ),
    )
    .join('\n');
}

function renderHost(devices: readonly DeviceView[], { columns, now }: TableRoom): string {
  const [first] = devices;
  if (first === undefined) return '';
  const whole = renderTable(tableOf(devices, Number.POSITIVE_INFINITY), devices);
  const longest = Math.max(...devices.map(({ name }) => name.length));
  const excess = Math.max(0, ...whole.split('\n').map((line) => line.length - columns));
  const cut = Math.max(SHORTEST_NAME, longest - excess);
  const table = excess > 0 ? renderTable(tableOf(devices, cut), devices) : whole;
  return `${headingOf(first, now)}\n${table}${devices.map(reasonOf).join('')}`;
}

function headingOf({ host, connected, seen_at: seenAt }: DeviceView, now: number): string {
  if (connected) return `HOST ${host}`;
  return `HOST ${host}, last seen ${formatDuration(Math.max(0, now - (parseTime(seenAt) ?? now)))} ago: its agent is away`;
}

function reasonOf({ id, condition, why, held_until: until }: DeviceView): string {
  if (condition === 'normal') return '';
  return `${id} is ${condition}: ${why ?? '-'}${until === null ? '' : `, until ${until}`}\n`;
}

/** Columns that would be empty are left out. */
function tableOf(devices: readonly DeviceView[], nameWidth: number): readonly Column<DeviceView>[] {
  const alias: Column<DeviceView> = { title: 'ALIAS', cell: ({ aliases }) => aliases.join(',') || '-' };
  const backend: Column<DeviceView> = { title: 'BACKEND', cell: ({ backend_names: names }) => names.join(',') || '-' };
  const condition: Column<DeviceView> = { title: 'CONDITION', cell: ({ condition: word }) => word };
  const roles: Column<DeviceView> = { title: 'ROLES', cell: (device) => device.roles.join(',') || 'off' };
  return [
    { title: 'DEVICE', cell: ({ id }) => id },
    ...(devices.some((device) => device.condition !== 'normal') ? [condition] : []),
    ...(devices.some((device) => device.roles.length < ALL_ROLES) ? [roles] : []),
    ...(devices.some(({ aliases }) => aliases.length > 0) ? [alias] : []),
    { title: 'NAME', cell: ({ name }) => cutTo(nameWidth, name) },
    ...(devices.some(({ backend_names: names }) => names.length > 0) ? [backend] : []),
    { title: 'USED/RESERVED/TOTAL', cell: (device) => `${barOf(device)} ${memoryOf(device)}` },
    { title: 'TEMP', align: 'right', cell: ({ temperature_c: value }) => measure(value, '°C') },
    { title: 'POWER', align: 'right', cell: powerOf },
    {
      title: 'TASKS',
      align: 'right',
      cell: ({ task_slots: { busy, total } }) => (total === 0 ? '-' : `${busy}/${total}`),
    },
  ];
}

/** Full: in use as measured. Half: promised and not yet in use. */
function barOf({ observed_bytes: observed, reserved_bytes: reserved, total_bytes: total }: DeviceView): string {
  const cells = (bytes: number): number => (total === 0 ? 0 : Math.min(BAR, Math.round((bytes / total) * BAR)));
  const used = cells(observed ?? 0);
  const promised = Math.max(used, cells(reserved));
  return `${'█'.repeat(used)}${'▒'.repeat(promised - used)}${'░'.repeat(BAR - promised)}`;
}

function memoryOf({ observed_bytes: observed, reserved_bytes: reserved, total_bytes: total }: DeviceView): string {
  return `${observed === null ? '-' : gigabytes(observed)}/${gigabytes(reserved)}/${gigabytes(total)}G`;
}

function gigabytes(bytes: number): string {
  return (bytes / GIB).toFixed(1);
}

function powerOf({ power_w: power, power_limit_w: limit }: DeviceView): string {
  if (power === null) return '-';
  return limit === null ? measure(power, 'W') : `${Math.round(power)}/${Math.round(limit)}W`;
}

function measure(value: number | null, unit: string): string {
  return value === null ? '-' : `${Math.round(value)}${unit}`;
}
