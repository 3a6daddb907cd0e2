/** The pane of devices: temperature and a bar of memory each. Pure. */

import type { DeviceView } from '../../contract/daemon.ts';
import type { Line, Span } from '../line.ts';
import type { DashboardState } from '../state.ts';
import { fit, neutralise, textWidth } from '../text.ts';
import { memoryTone, temperatureTone } from '../tones.ts';

export const BAR_LEGEND = '█ used  ▒ reserved';

const ID_WIDTH = { least: 5, most: 10 } as const;
const NAME_WIDTH = { least: 12, most: 28 } as const;
const BAR_WIDTH = { least: 8, most: 40 } as const;
/** ` 71°C`, and ` 12.3 used  23.4 reserved  of 24.0 GiB`. */
const TEMPERATURE_WIDTH = 5;
const NUMBERS_WIDTH = 38;
const INDENT = '  ';
const GIB = 1024 ** 3;

export function deviceLines(state: DashboardState, width: number, height: number): readonly Line[] {
  const { devices } = state.picture.status;
  if (devices.length === 0) return [[{ text: '  no devices: no agent is connected', tone: 'grey' }]];
  const top = Math.min(state.scrolls.devices, Math.max(0, devices.length - height));
  const columns = columnsFor(devices, width);
  return devices.slice(top, top + height).map((device) => deviceLine(device, columns));
}

interface Columns {
  readonly id: number;
  /** 0: left out. */
  readonly name: number;
  readonly bar: number;
}

function columnsFor(devices: readonly DeviceView[], width: number): Columns {
  const widest = (of: (device: DeviceView) => string, { least, most }: { least: number; most: number }): number =>
    Math.min(most, Math.max(least, ...devices.map((device) => textWidth(neutralise(of(device))))));
  const id = widest((device) => device.id, ID_WIDTH);
  const free = width - INDENT.length - id - 1 - TEMPERATURE_WIDTH - 2 - NUMBERS_WIDTH - 1;
  const wantedName = widest((device) => device.name, NAME_WIDTH);
  const name = free - 2 - wantedName >= BAR_WIDTH.least ? wantedName : 0;
  const bar = free - (name === 0 ? 0 : name + 2);
  return { id, name, bar: Math.max(0, Math.min(BAR_WIDTH.most, bar)) };
}

function deviceLine(device: DeviceView, { id, name, bar }: Columns): Line {
  return [
    { text: `${INDENT}${fit(neutralise(device.id), id)} `, dim: !device.connected },
    ...(name === 0 ? [] : [{ text: `${fit(neutralise(device.name), name)}  `, tone: 'grey' as const }]),
    temperature(device),
    { text: '  ' },
    ...memoryBar(device, bar),
    { text: ` ${numbers(device)}`, dim: !device.connected },
  ];
}

function temperature({ temperature_c: celsius }: DeviceView): Span {
  if (celsius === null) return { text: fit('-', TEMPERATURE_WIDTH, 'right'), tone: 'grey' };
  return { text: fit(`${Math.round(celsius)}°C`, TEMPERATURE_WIDTH, 'right'), tone: temperatureTone(celsius) };
}

/** Used first, then what is promised beyond it, then what is free. */
function memoryBar(device: DeviceView, width: number): readonly Span[] {
  const { total_bytes: total, reserved_bytes: reserved, observed_bytes: observed } = device;
  const cells = (bytes: number): number => (total === 0 ? 0 : Math.min(width, Math.round((bytes / total) * width)));
  const used = cells(observed ?? 0);
  const promised = Math.max(0, cells(reserved) - used);
  return [
    { text: '█'.repeat(used), tone: memoryTone((observed ?? 0) / Math.max(1, total)) },
    { text: '▒'.repeat(promised), tone: 'blue' },
    { text: '░'.repeat(width - used - promised), tone: 'grey' },
  ];
}

function numbers({ total_bytes: total, reserved_bytes: reserved, observed_bytes: observed }: DeviceView): string {
  const used = observed === null ? '   -' : gib(observed);
  return `${used} used ${gib(reserved)} reserved of ${gib(total)} GiB`;
}

function gib(bytes: number): string {
  return (bytes / GIB).toFixed(1).padStart(4);
}
