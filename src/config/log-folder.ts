/** Whether output can be kept: the folder is made when it is missing, and must be writable. */

import { accessSync, constants, mkdirSync } from 'node:fs';

/** Why nothing can be written there, or null. */
export function logFolderProblem(folder: string): string | null {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    accessSync(folder, constants.W_OK);
    return null;
  } catch (error) {
    return `cannot write logs to ${folder}: ${error instanceof Error ? error.message : String(error)}`;
  }
}
