/** Everything of the gateway that goes on, so that it can be ended: requests by their face, and waiting for a slot alone. */

import type { AppError } from '../../contract/errors.ts';
import type { RequestFace } from '../inspect/request-book.ts';

export class RunningRequests {
  readonly #stops = new Map<AbortController, RequestFace | null>();

  /** `face` null: nobody may end it by what it is. */
  add(stop: AbortController, face: RequestFace | null): void {
    this.#stops.set(stop, face);
  }

  delete(stop: AbortController): void {
    this.#stops.delete(stop);
  }

  /** Ends what is meant with the error; answers how many. */
  end(isMeant: (face: RequestFace) => boolean, error: AppError): number {
    const meant = [...this.#stops].filter(([, face]) => face !== null && isMeant(face));
    for (const [stop] of meant) stop.abort(error);
    return meant.length;
  }

  endAll(error: AppError): void {
    for (const stop of this.#stops.keys()) stop.abort(error);
  }
}
