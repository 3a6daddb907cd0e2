/** A download, or a copy, as one line: of a terminal with bar, bytes, rate and time left, or of JSON. Pure. */

import type { DownloadView } from '../../../contract/models.ts';
import { bytes, duration } from '../../format.ts';
import { roundly } from '../batches/watch/progress-line.ts';

const NARROWEST = 10;
const WIDEST = 40;

/** What comes, and how far it is. */
export type Coming = Pick<
  DownloadView,
  'model' | 'phase' | 'received_bytes' | 'total_bytes' | 'bytes_per_second' | 'eta_ms' | 'note'
>;

export function eventLine(download: Coming): string {
  return JSON.stringify({ event: 'progress', ...download });
}

export function downloadLine(download: Coming, columns: number): string {
  const { model, total_bytes: total, received_bytes: received, note } = download;
  const share = total === 0 ? 1 : received / total;
  const figures = `${Math.floor(share * 100)} %  ${bytes(received)} / ${bytes(total)}  ${paceOf(download)}`;
  const trouble = note === null ? '' : `  (${note})`;
  const room = columns - model.length - figures.length - 6;
  const line = `${model}  ${bar(share, Math.max(NARROWEST, Math.min(WIDEST, room)))}  ${figures}${trouble}`;
  return line.slice(0, Math.max(NARROWEST, columns - 1));
}

function bar(share: number, width: number): string {
  const full = Math.round(share * width);
  return '█'.repeat(full) + '░'.repeat(width - full);
}

function paceOf({ phase, received_bytes, bytes_per_second: rate, eta_ms: etaMs }: Coming): string {
  switch (phase) {
    case 'waiting':
      return 'waiting for its host';
    case 'verifying':
      return 'checking its SHA-256';
    case 'downloading':
      if (received_bytes === 0) return 'starting';
      return `${rate === null ? '-' : bytes(rate)}/s  ${etaMs === null ? 'stalled' : `${duration(roundly(etaMs))} left`}`;
  }
}
