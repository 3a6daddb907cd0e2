/** How far downloads are, as their hosts tell: kept for whoever looks, each tenth of the way as a fact. */

import { subject } from '../../contract/index.ts';
import type { DownloadView, FetchProgress } from '../../contract/index.ts';
import type { Store } from '../../store/index.ts';

type Shown = Pick<DownloadView, 'phase' | 'received_bytes' | 'total_bytes' | 'bytes_per_second' | 'eta_ms' | 'note'>;

interface DownloadProgress {
  told(progress: FetchProgress): void;
  of(model: string, totalBytes: number): Shown;
  forget(model: string): void;
}

export function createDownloadProgress(
  store: Pick<Store, 'write'>,
  onError: (error: unknown) => void,
): DownloadProgress {
  const latest = new Map<string, FetchProgress>();

  function note({ model, receivedBytes, totalBytes }: FetchProgress): void {
    const data = { received_bytes: receivedBytes, total_bytes: totalBytes };
    store
      .write(async (tx) => tx.record({ type: 'model.download_advanced', subject: subject.model(model), data }))
      .catch(onError);
  }

  return {
    told(progress) {
      const before = latest.get(progress.model);
      latest.set(progress.model, progress);
      if (before !== undefined && tenthOf(progress) > tenthOf(before)) note(progress);
    },
    of: (model, totalBytes) => shown(latest.get(model), totalBytes),
    forget: (model) => void latest.delete(model),
  };
}

function tenthOf({ receivedBytes, totalBytes }: FetchProgress): number {
  return Math.floor((receivedBytes * 10) / Math.max(1, totalBytes));
}

function shown(progress: FetchProgress | undefined, totalBytes: number): Shown {
  const rate = progress?.bytesPerSecond ?? null;
  const received = progress?.receivedBytes ?? 0;
  return {
    phase: progress?.phase ?? 'waiting',
    received_bytes: received,
    total_bytes: totalBytes,
    bytes_per_second: rate === null ? null : Math.round(rate),
    eta_ms: rate === null || rate < 1 ? null : Math.round(((totalBytes - received) / rate) * 1_000),
    note: progress?.note ?? null,
  };
}
