/** A download, or a copy, as one line: of a terminal with bar, bytes, rate and time left, or of JSON. Pure. */

import type { DownloadView } from '../../../contract/models.ts';
import { bytes, duration } from '../../format.ts';
import { roundly } from '../batches/watch/progress-line.ts';

const NARROWEST = 10;
const WIDEST = 40;
/** What is left of a name at least. */
const SHORTEST_NAME = 8;
/** What the figures take about: by what they take now the bar would grow and shrink with them. */
const FIGURES = 56;

/** What comes, and how far it is. */
export type Coming = Pick<
  DownloadView,
  'model' | 'phase' | 'received_bytes' | 'total_bytes' | 'bytes_per_second' | 'eta_ms' | 'note'
>;

export function eventLine(download: Coming): string {
  return JSON.stringify({ event: 'progress', ...download });
}

/** Never wider than the terminal: the name is shortened first, then the bar goes, then the end of the line. */
export function downloadLine(download: Coming, columns: number): string {
  const { model, total_bytes: total, received_bytes: received, note } = download;
  const share = total === 0 ? 1 : received / total;
  const percent = `${Math.floor(share * 100)} %`.padStart(5);
  const trouble = note === null ? '' : `  (${note})`;
  const figures = `${percent}  ${bytes(received)} / ${bytes(total)}  ${paceOf(download)}${trouble}`;
  const room = columns - 1 - figures.length - '  '.length;
  const width = Math.max(NARROWEST, Math.min(WIDEST, columns - model.length - FIGURES));
  const roomForName = room - width - '  '.length;
  const parts = roomForName < Math.min(model.length, SHORTEST_NAME) ? [shortened(model, room)] : [shortened(model, roomForName), bar(share, width)]; // prettier-ignore
  return [...parts, figures].join('  ').slice(0, Math.max(NARROWEST, columns - 1));
}

function shortened(name: string, room: number): string {
  return name.length <= room ? name : `${name.slice(0, Math.max(SHORTEST_NAME, room) - 1)}…`;
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
      if (received_bytes === 0 || rate === null) return 'starting';
      return `${bytes(rate)}/s  ${etaMs === null ? 'stalled' : `${duration(roundly(etaMs))} left`}`;
  }
}
