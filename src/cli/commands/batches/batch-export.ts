/** `drover batch export`: brings the folder of a batch here, wherever the controller is. */

import { readdirSync } from 'node:fs';
import { resolve } from 'node:path';

import { AppError } from '../../../contract/errors.ts';
import { makeFolder } from '../../../kernel/files.ts';
import { printJson } from '../../context.ts';
import type { CliContext } from '../../context.ts';

/** Results may be large: what is asked for is only bounded by the disk. */
const LIMITS = { maxBytes: Number.MAX_SAFE_INTEGER, maxEntries: Number.MAX_SAFE_INTEGER };

export async function exportBatch(
  this: CliContext,
  flags: { readonly json: boolean },
  id: string,
  target: string,
): Promise<void> {
  const folder = resolve(this.cwd, target);
  makeFolder(folder);
  if (readdirSync(folder).length > 0) {
    throw new AppError('PATH_TAKEN', `${folder} is not empty`, { hint: 'name a new folder' });
  }
  const { unpackInto } = await import('../../../kernel/tar/index.ts');
  const { files, bytes } = await unpackInto(folder, this.client.exportBatch(id), LIMITS);
  if (flags.json) return printJson(this, { batch_id: id, folder, files, bytes });
  this.out.line(`${folder}: ${files} files`);
}
