/** Asks a llama-server for its devices, once per binary: asking makes it wake every card. */

import { statSync } from 'node:fs';

import { parseDeviceList } from './llama-list.ts';
import type { ListedDevice } from './llama-list.ts';
import type { RunCommand } from './run-command.ts';

type Listing = (signal: AbortSignal) => Promise<readonly ListedDevice[]>;

export function createListing(run: RunCommand, locate: (signal: AbortSignal) => Promise<string | null>): Listing {
  let asked: { readonly binary: string; readonly devices: readonly ListedDevice[] } | null = null;
  return async (signal) => {
    const file = await locate(signal);
    if (file === null) return [];
    const binary = identityOf(file);
    if (asked?.binary === binary) return asked.devices;
    const answer = await run(file, ['--list-devices'], signal);
    asked = { binary, devices: parseDeviceList(`${answer?.stdout ?? ''}\n${answer?.stderr ?? ''}`) };
    return asked.devices;
  };
}

/** Changes when the file is replaced. */
function identityOf(file: string): string {
  const { size, mtimeMs, ino } = statSync(file);
  return `${file} ${ino} ${size} ${mtimeMs}`;
}
