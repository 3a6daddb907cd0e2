/** NVIDIA devices, as `nvidia-smi` lists them. Whatever a card does not tell (`[N/A]`) is null. */

import { totalmem } from 'node:os';

import { readingOf } from './device.ts';
import type { DeviceProbe, DeviceReading } from './device.ts';
import type { RunCommand } from './run-command.ts';

/** The name comes last: it alone may hold a comma. */
const FIELDS = [
  'index',
  'uuid',
  'memory.total',
  'memory.used',
  'temperature.gpu',
  'power.draw',
  'power.limit',
  'utilization.gpu',
  'name',
] as const;

const MIB = 1024 * 1024;

export function createNvidiaProbe(run: RunCommand): DeviceProbe {
  let installed = true;
  return {
    kind: 'nvidia',
    costly: true,
    async read(signal) {
      if (!installed) return [];
      const output = await run(
        'nvidia-smi',
        [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'],
        signal,
      );
      installed = output !== null;
      return output === null ? [] : parseNvidiaSmi(output, totalmem());
    },
  };
}

/** `hostBytes` stands in for a card that shares the host's memory and therefore names no total. */
export function parseNvidiaSmi(output: string, hostBytes: number): readonly DeviceReading[] {
  return output
    .split('\n')
    .map((line) => parseLine(line, hostBytes))
    .filter((reading) => reading !== null);
}

function parseLine(line: string, hostBytes: number): DeviceReading | null {
  const [index, uuid, total, used, temperature, power, powerLimit, utilisation, ...name] = line.split(/\s*,\s*/);
  const position = parseNumber(index);
  if (position === null) return null;
  const totalMib = parseNumber(total);
  const usedMib = parseNumber(used);
  return readingOf({
    id: `gpu${position}`,
    kind: 'nvidia',
    name: name.join(', ').trim() || 'NVIDIA GPU',
    uuid: uuid?.startsWith('GPU-') ? uuid : null,
    index: position,
    totalBytes: totalMib === null ? hostBytes : totalMib * MIB,
    observedBytes: usedMib === null ? null : usedMib * MIB,
    temperatureC: parseNumber(temperature),
    powerW: parseNumber(power),
    powerLimitW: parseNumber(powerLimit),
    utilisationPercent: parseNumber(utilisation),
  });
}

function parseNumber(text: string | undefined): number | null {
  const trimmed = text?.trim() ?? '';
  return /^\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : null;
}
