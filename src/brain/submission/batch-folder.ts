/** `PLAN/history/BATCH`: made whole before the batch exists, and removed again when it does not come to be. */

import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { AppError } from '../../contract/index.ts';
import { hasCode } from '../../kernel/index.ts';

const PARTS = ['results', 'output', 'logs'] as const;

export function batchFolder(planFolder: string, batchId: string): string {
  return join(planFolder, 'history', batchId);
}

/** False when the folder is there already: draw another id. Rejects with PERMISSION_DENIED when it cannot be written. */
export async function makeBatchFolder(planFolder: string, batchId: string): Promise<boolean> {
  const folder = batchFolder(planFolder, batchId);
  try {
    await mkdir(join(planFolder, 'history'), { recursive: true });
    await mkdir(folder);
    await Promise.all(PARTS.map((part) => mkdir(join(folder, part))));
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw isUnwritable(error) ? unwritable(planFolder, error) : error;
  }
}

function isUnwritable(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].some((code) => hasCode(error, code));
}

function unwritable(planFolder: string, cause: unknown): AppError {
  return new AppError(
    'PERMISSION_DENIED',
    `the plan folder ${planFolder} cannot be written: a batch keeps its results in it`,
    {
      cause,
      hint: `copy it to a place of your own, e.g. cp -r ${planFolder} ./, and submit the copy`,
      detail: { folder: planFolder },
    },
  );
}

export async function removeBatchFolder(planFolder: string, batchId: string): Promise<void> {
  await rm(batchFolder(planFolder, batchId), { recursive: true, force: true });
}
