/**
 * Models that a request names and whose files are not there: those that come are waited for, those of the hub are pulled
 * where the settings allow it.
 */

import { AppError } from '../../contract/index.ts';
import { HUB_PREFIX, idOfReference, readReference, shortName, showReference } from '../../models/hub/index.ts';
import type { ModelDownloads } from './model-downloads.ts';
import type { ModelRegistry } from './model-registry.ts';

export interface AutoPull {
  /** The id of the model that a short name or a reference means; null where requests may not use it. */
  idOf(name: string): string | null;
  /** Resolves when the files of a model are there. Rejects with the reason why they are not. */
  arrival(id: string): Promise<void>;
}

interface AutoPullDeps {
  readonly models: Pick<ModelRegistry, 'all'>;
  readonly downloads: Pick<ModelDownloads, 'pull' | 'settled'>;
  readonly isAllowed: () => boolean;
}

export function createAutoPull({ models, downloads, isAllowed }: AutoPullDeps): AutoPull {
  /** What requests have asked for, by the id that it will have. */
  const references = new Map<string, string>();

  async function arrival(id: string): Promise<void> {
    const state = models.all().get(id)?.state;
    if (state === 'ready') return;
    const reference = references.get(id);
    if (state !== 'downloading' && reference !== undefined && isAllowed()) await downloads.pull({ reference });
    await downloads.settled(id);
    const after = models.all().get(id);
    if (after?.state === 'ready') return;
    throw new AppError(
      'INSTANCE_UNAVAILABLE',
      `the files of ${id} are not there: ${after?.reason ?? 'no pull began'}`,
      {
        hint: `run "drover models info ${id}"`,
      },
    );
  }

  return {
    arrival,
    idOf(name) {
      const meant = meaningOf(name);
      if (meant === null) return null;
      const known = models.all().get(meant.id);
      if (known !== undefined && known.source === meant.source && known.state !== 'failed') return meant.id;
      if (!isAllowed()) return null;
      references.set(meant.id, name);
      return meant.id;
    },
  };
}

function meaningOf(name: string): { readonly id: string; readonly source: string } | null {
  const short = shortName(name);
  if (short === null && !name.startsWith(HUB_PREFIX)) return null;
  const read = readReference(short?.reference ?? name);
  if (read.kind === 'invalid') return null;
  return { id: short?.name ?? idOfReference(read.reference), source: showReference(read.reference) };
}
