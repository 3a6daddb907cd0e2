/** What this host has for sandboxes: the program, and the nodes of its cards. */

import { accessSync, constants, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const CARD_NODES = /^(?:nvidia.*|dri|kfd|mali\d*|accel)$/;

/** The first `bwrap` of the path, or null. */
export function findBubblewrap(path: string = process.env['PATH'] ?? ''): string | null {
  const files = path.split(delimiter).map((folder) => join(folder, 'bwrap'));
  return files.find(isExecutable) ?? null;
}

export const BUBBLEWRAP_MISSING =
  'sandbox: bwrap needs bubblewrap, which this host does not have: run "apt-get install bubblewrap"';

export function cardNodes(): readonly string[] {
  try {
    return readdirSync('/dev')
      .filter((name) => CARD_NODES.test(name))
      .map((name) => `/dev/${name}`);
  } catch {
    return [];
  }
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
