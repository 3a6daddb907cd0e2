/** One picture of the gateway for screens: what waits, what runs, who holds which slot. Pure. */

import type { RequestBook } from '../inspect/request-book.ts';
import type { GatewaySnapshot, WaitingView } from '../types.ts';
import type { DispatcherPicture } from './dispatcher.ts';

export function takeSnapshot(
  picture: DispatcherPicture,
  book: Pick<RequestBook, 'inFlight' | 'counters'>,
  bufferedBytes: number,
): GatewaySnapshot {
  const running = countBy(
    [...book.inFlight()].filter((life) => life.state.kind !== 'queued').map((life) => life.face.model),
  );
  const models = [...new Set([...running.keys(), ...picture.waiting.map((request) => request.model)])].toSorted();
  return {
    queued: picture.waiting.length,
    inFlight: [...running.values()].reduce((sum, count) => sum + count, 0),
    perModel: models.map((model) => ({
      model,
      queued: classes(picture.waiting.filter((request) => request.model === model)),
      inFlight: running.get(model) ?? 0,
      serviceMs: picture.serviceMs(model),
    })),
    slots: picture.slots,
    breakers: picture.breakers,
    affinity: picture.affinity,
    waiting: picture.waiting,
    forecast: picture.forecast,
    bufferedBytes,
    counters: book.counters(),
  };
}

function classes(waiting: readonly WaitingView[]): { readonly interactive: number; readonly batch: number } {
  const interactive = waiting.filter((request) => request.class === 'interactive').length;
  return { interactive, batch: waiting.length - interactive };
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}
