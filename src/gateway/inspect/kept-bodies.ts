/** Bodies of the latest requests and of their answers, in memory, while that is switched on. Bounded. */

import { redact } from './redact.ts';

interface KeptBody {
  /** Redacted; the beginning of a long one. */
  readonly text: string;
  /** Of the whole. */
  readonly bytes: number;
}

export interface KeptBodies {
  /** Keeps the body of a request; answers who takes the pieces of its answer, null while nothing is kept. */
  begin(id: string, request: Buffer): ((piece: Buffer | string) => void) | null;
  /** Null when none was kept. */
  of(id: string): { readonly request: KeptBody; readonly response: KeptBody } | null;
}

const REQUESTS = 100;
/** Of one body. */
const MOST_BYTES = 64 * 1024;

/** `isOn` is asked each time; what was kept goes when it says no. */
export function createKeptBodies(isOn: () => boolean): KeptBodies {
  const kept = new Map<string, { readonly request: Beginning; readonly response: Beginning }>();

  function isKeeping(): boolean {
    const on = isOn();
    if (!on) kept.clear();
    return on;
  }

  return {
    begin(id, request) {
      if (!isKeeping()) return null;
      const bodies = { request: new Beginning(), response: new Beginning() };
      bodies.request.add(request);
      kept.delete(id);
      kept.set(id, bodies);
      const [oldest] = kept.keys();
      if (kept.size > REQUESTS && oldest !== undefined) kept.delete(oldest);
      return (piece) => bodies.response.add(piece);
    },
    of(id) {
      const bodies = isKeeping() ? kept.get(id) : undefined;
      return bodies === undefined ? null : { request: bodies.request.shown(), response: bodies.response.shown() };
    },
  };
}

/** As much of a body as is kept. */
class Beginning {
  readonly #pieces: Buffer[] = [];
  #kept = 0;
  #bytes = 0;

  add(piece: Buffer | string): void {
    const bytes = typeof piece === 'string' ? Buffer.from(piece) : piece;
    this.#bytes += bytes.length;
    if (this.#kept >= MOST_BYTES) return;
    // a copy: the piece may be a window on a buffer of megabytes
    const part = Buffer.from(bytes.subarray(0, MOST_BYTES - this.#kept));
    this.#pieces.push(part);
    this.#kept += part.length;
  }

  shown(): KeptBody {
    return { text: redact(Buffer.concat(this.#pieces).toString('utf8')), bytes: this.#bytes };
  }
}
