/** A download as Ollama's clients watch it: one JSON value per line until it has ended. */

import type { DownloadView } from '../contract/index.ts';
import type { ModelDownloads, ModelRegistry } from '../fleet/index.ts';
import type { Clock } from '../kernel/index.ts';

interface WatchDeps {
  readonly modelDownloads: Pick<ModelDownloads, 'list' | 'settled'>;
  readonly models: Pick<ModelRegistry, 'all'>;
  readonly clock: Clock;
}

/** As Ollama's own server tells it: `success` at the end, or `error`. */
export type PullLine =
  | { readonly status: string; readonly digest?: string; readonly total?: number; readonly completed?: number }
  | { readonly error: string };

const PACE_MS = 250;

/** The signal ends the watching alone. */
export async function* watchPull(
  id: string,
  { modelDownloads, models, clock }: WatchDeps,
  signal: AbortSignal,
): AsyncGenerator<PullLine> {
  yield { status: 'pulling manifest' };
  let isOver = false;
  const over = modelDownloads.settled(id).then(() => void (isOver = true));
  while (!isOver) {
    const download = modelDownloads.list().find(({ model }) => model === id);
    if (download !== undefined) yield progressLine(download);
    await Promise.race([over, clock.sleep(PACE_MS, signal)]);
  }
  yield ending(models.all().get(id));
}

/** The clients show twelve characters of a digest, from the eighth on; a download has the commit that is fetched. */
function progressLine({ phase, revision, total_bytes, received_bytes }: DownloadView): PullLine {
  if (phase === 'verifying') return { status: 'verifying sha256 digest' };
  const digest = `commit:${revision}`;
  return { status: `pulling ${revision.slice(0, 12)}`, digest, total: total_bytes, completed: received_bytes };
}

function ending(model: { readonly state: string; readonly reason: string | null } | undefined): PullLine {
  if (model?.state === 'ready') return { status: 'success' };
  return { error: model?.reason ?? 'the download was cancelled' };
}
