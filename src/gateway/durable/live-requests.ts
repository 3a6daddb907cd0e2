/** The durable requests that have not ended, each with the one that runs it. The rows are the truth; these are their mirror. */

import type { DurableRecord } from '../../store/index.ts';
import type { DurableDeps } from './durable-deps.ts';
import { LiveRequest } from './live-request.ts';

export class LiveRequests {
  readonly #deps: DurableDeps;
  readonly #byId = new Map<string, LiveRequest>();
  #isClosing = false;

  constructor(deps: DurableDeps) {
    this.#deps = deps;
  }

  /** Begins nothing; it is let go of by itself at its end. */
  add(record: DurableRecord): LiveRequest {
    const request = new LiveRequest(record, { ...this.#deps, isClosing: () => this.#isClosing });
    this.#byId.set(record.id, request);
    void request.ended.then(() => this.drop(record.id));
    return request;
  }

  drop(id: string): void {
    this.#byId.delete(id);
  }

  /** Null once it has ended. */
  find(id: string): LiveRequest | null {
    return this.#byId.get(id) ?? null;
  }

  /** What is open from now on is the next controller's. */
  close(): void {
    this.#isClosing = true;
  }
}
