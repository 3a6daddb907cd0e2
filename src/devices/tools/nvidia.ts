/**
 * NVIDIA devices: asks `nvidia-smi` for its table, for the parts of divided cards where there are some, and, while
 * work is on the cards, for the processes on them. When one card makes the tool fail, the others are asked one by one.
 */

import { totalmem } from 'node:os';

import type { Clock } from '../../kernel/index.ts';
import type { CardUse, DeviceProbe, DeviceReading } from '../device.ts';
import type { MemoryLedger } from '../ledger/memory-ledger.ts';
import { createRarely } from '../rarely.ts';
import { divideCards, parseParts, parseProcesses, parseTable, PROCESS_ARGS, tableArgs } from './nvidia-smi.ts';
import type { Detail } from './nvidia-smi.ts';
import type { RunCommand } from './run-command.ts';

const TOOL = 'nvidia-smi';
const UNKNOWN_FIELD = /not a valid field/i;

export function createNvidiaProbe(
  run: RunCommand,
  clock: Clock,
  ledger: Pick<MemoryLedger, 'reservations'>,
): DeviceProbe {
  const listParts = createRarely(clock, async (signal) => parseParts((await run(TOOL, ['-L'], signal))?.stdout ?? ''));
  let detail: Detail = 'full';
  let known: readonly DeviceReading[] = [];
  let processes: ReturnType<typeof parseProcesses> = new Map();

  const ask = async (more: readonly string[], signal: AbortSignal): Promise<readonly DeviceReading[] | null> => {
    try {
      const table = await run(TOOL, [...tableArgs(detail), ...more], signal);
      return table === null ? null : parseTable(table.stdout, totalmem(), detail);
    } catch (error) {
      if (detail === 'basic' || !UNKNOWN_FIELD.test(String(error))) throw error;
      detail = 'basic';
      return ask(more, signal);
    }
  };

  /** A card that has fallen off its bus fails the whole table; the others answer when they are asked alone. */
  const askEach = async (failure: unknown, signal: AbortSignal): Promise<readonly DeviceReading[]> => {
    const uuids = known.flatMap(({ uuid }) => uuid ?? []);
    const found: DeviceReading[] = [];
    // One after the other: the tool is never asked twice at a time.
    for (const uuid of uuids) found.push(...((await ask([`--id=${uuid}`], signal).catch(() => null)) ?? []));
    if (found.length === 0) throw failure;
    return found;
  };

  const readCards = async (signal: AbortSignal): Promise<readonly DeviceReading[]> => {
    const cards = await ask([], signal).catch((error: unknown) => askEach(error, signal));
    if (cards !== null && cards.length >= known.length) known = cards;
    return cards ?? [];
  };

  const readProcesses = async (signal: AbortSignal): Promise<void> => {
    const used = ledger.reservations().some(({ device, kind }) => kind === 'task' && device.startsWith('gpu'));
    const answer = used || processes.size > 0 ? await run(TOOL, PROCESS_ARGS, signal).catch(() => null) : null;
    processes = parseProcesses(answer?.stdout ?? '');
  };

  const processesOn = (device: string): ReadonlyMap<number, number> | null =>
    processes.get(known.find(({ id }) => id === device)?.uuid ?? '') ?? null;

  return {
    kind: 'nvidia',
    pace: 'costly',
    processesOn,
    usedBy({ device, pids }: CardUse) {
      const own = [...(processesOn(device) ?? [])].filter(([pid]) => pids.has(pid));
      return own.length === 0 ? null : own.reduce((sum, [, bytes]) => sum + bytes, 0);
    },
    async read(signal) {
      const cards = await readCards(signal);
      if (cards.length === 0) return [];
      await readProcesses(signal);
      const parts = await listParts(signal);
      if (parts.length === 0) return cards;
      const details = await run(TOOL, ['-q', '-x'], signal);
      return divideCards(cards, parts, details?.stdout ?? '');
    },
  };
}
