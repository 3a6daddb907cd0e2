/** Everything of the gateway that goes on, so that it can be ended: requests by their face, and waiting for a slot alone. */

import type { AppError } from '../../contract/errors.ts';
import type { RequestFace } from '../inspect/request-book.ts';

interface Running {
  /** Null: nobody may end it by what it is. */
  readonly face: RequestFace | null;
  readonly ended: Promise<void>;
  readonly markEnded: () => void;
}

export class RunningRequests {
  readonly #stops = new Map<AbortController, Running>();

  /** `face` null: nobody may end it by what it is. */
  add(stop: AbortController, face: RequestFace | null): void {
    let markEnded = (): void => {};
    const ended = new Promise<void>((resolve) => (markEnded = resolve));
    this.#stops.set(stop, { face, ended, markEnded });
  }

  delete(stop: AbortController): void {
    this.#stops.get(stop)?.markEnded();
    this.#stops.delete(stop);
  }

  /** Ends what is meant with the error, at once; resolves when all of that has ended. */
  async end(isMeant: (face: RequestFace) => boolean, error: AppError): Promise<void> {
    const meant = [...this.#stops].filter(([, { face }]) => face !== null && isMeant(face));
    for (const [stop] of meant) stop.abort(error);
    await Promise.all(meant.map(([, { ended }]) => ended));
  }

  endAll(error: AppError): void {
    for (const stop of this.#stops.keys()) stop.abort(error);
  }
}
