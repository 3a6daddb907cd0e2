/** NVIDIA devices: asks `nvidia-smi` for its table, and for the parts of divided cards where there are some. */

import { totalmem } from 'node:os';

import type { Clock } from '../kernel/index.ts';
import type { DeviceProbe } from './device.ts';
import { divideCards, parseParts, parseTable, TABLE_ARGS } from './nvidia-smi.ts';
import { createRarely } from './rarely.ts';
import type { RunCommand } from './run-command.ts';

const TOOL = 'nvidia-smi';

export function createNvidiaProbe(run: RunCommand, clock: Clock): DeviceProbe {
  const listParts = createRarely(clock, async (signal) => parseParts((await run(TOOL, ['-L'], signal))?.stdout ?? ''));
  return {
    kind: 'nvidia',
    pace: 'costly',
    async read(signal) {
      const table = await run(TOOL, TABLE_ARGS, signal);
      if (table === null) return [];
      const cards = parseTable(table.stdout, totalmem());
      const parts = cards.length === 0 ? [] : await listParts(signal);
      if (parts.length === 0) return cards;
      const details = await run(TOOL, ['-q', '-x'], signal);
      return divideCards(cards, parts, details?.stdout ?? '');
    },
  };
}
