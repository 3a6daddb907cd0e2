/** How long the controller asks its callers to wait, and a transport that does wait. */

import type { Reply, Transport } from './transport.ts';

/** From its headers; null when it names no time, or says that another try is of no use. */
export function retryAfterMs(reply: Pick<Reply, 'header'>): number | null {
  if (reply.header('x-should-retry') === 'false') return null;
  return numberIn(reply.header('retry-after-ms'), 1) ?? numberIn(reply.header('retry-after'), 1_000);
}

function numberIn(text: string | null, factor: number): number | null {
  return text !== null && /^\d+(?:\.\d+)?$/.test(text) ? Number(text) * factor : null;
}

export interface Patience {
  /** Tries beyond the first. */
  readonly retries: number;
  readonly wait: (ms: number, signal?: AbortSignal) => Promise<void>;
}

/** "Not now": nothing was done. */
const REFUSED_FOR_NOW: ReadonlySet<number> = new Set([429, 503, 529]);
/** Whoever is told to wait longer wants to know it. */
const LONGEST_WAIT_MS = 60_000;

/** Asks again what was refused for now, after the time that the controller names. */
export function patient(transport: Transport, { retries, wait }: Patience): Transport {
  return async (exchange) => {
    for (let left = exchange.stream === undefined ? retries : 0; ; left--) {
      const reply = await transport(exchange);
      const ms = REFUSED_FOR_NOW.has(reply.status) ? retryAfterMs(reply) : null;
      if (left <= 0 || ms === null || ms > LONGEST_WAIT_MS) return reply;
      reply.close();
      await wait(ms, exchange.signal);
    }
  };
}
