/** A download as one line of a terminal: bar, bytes, rate, time left. Pure. */

import type { DownloadView } from '../../../contract/models.ts';
import { bytes, duration } from '../../format.ts';
import { roundly } from '../batches/watch/progress-line.ts';

const NARROWEST = 10;
const WIDEST = 40;

export function downloadLine(download: DownloadView, columns: number): string {
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

function paceOf({ phase, received_bytes, bytes_per_second: rate, eta_ms: etaMs }: DownloadView): string {
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
