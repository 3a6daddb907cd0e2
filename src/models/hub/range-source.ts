/**
 * Bytes of a file of the hub, from one place to another. Follows the hub to wherever it keeps the file and remembers
 * that; the token goes to the hub alone. What is tried again is its caller's to say.
 */

import type { Dispatcher } from 'undici';

import { AppError } from '../../contract/errors.ts';
import type { Clock } from '../../kernel/index.ts';
import { retryAfterMs } from './chunks.ts';
import type { ByteRange } from './chunks.ts';
import { hubIsForbidden, refusalOf } from './refusal.ts';

type RangeAnswer =
  /** They may end too early. */
  | { readonly kind: 'bytes'; readonly bytes: AsyncIterable<Buffer> }
  | { readonly kind: 'later'; readonly reason: string; readonly askedMs: number | null };

export interface RangeSource {
  /** Rejects with the AppError of a refusal, or with the error of the connection. */
  open(url: string, range: ByteRange, signal: AbortSignal): Promise<RangeAnswer>;
  close(): Promise<void>;
}

interface RangeSourceOptions {
  readonly token: string | null;
  /** Without a byte for so long a connection counts as dead. */
  readonly stallMs: number;
  readonly clock: Clock;
  /** Asked for each range: the hub may be forbidden while its files come. */
  readonly isOffline: () => boolean;
}

const MOST_HOPS = 5;
/** How a place that the hub sent to says that its address counts no more. */
const GONE = [400, 401, 403, 404, 410];
const CONNECT_TIMEOUT_MS = 20_000;

export async function createRangeSource({
  token,
  stallMs,
  clock,
  isOffline,
}: RangeSourceOptions): Promise<RangeSource> {
  // Loaded by the few who fetch: an agent that does not stays small.
  const { Agent, request } = await import('undici');
  const agent = new Agent({
    headersTimeout: stallMs,
    bodyTimeout: stallMs,
    connect: { timeout: Math.min(stallMs, CONNECT_TIMEOUT_MS) },
  });
  /** Where the hub has sent us for a file. */
  const places = new Map<string, string>();

  async function ask(url: string, at: string, { from, to }: ByteRange, signal: AbortSignal) {
    const mayKnow = token !== null && new URL(at).origin === new URL(url).origin;
    const headers = { range: `bytes=${from}-${to - 1}`, ...(mayKnow ? { authorization: `Bearer ${token}` } : {}) };
    return request(at, { dispatcher: agent, headers, signal });
  }

  return {
    async open(url, range, signal) {
      if (isOffline()) throw hubIsForbidden();
      let at = places.get(url) ?? url;
      for (let hop = 0; hop < MOST_HOPS; hop++) {
        const answer = await ask(url, at, range, signal);
        const next = textOf(answer.headers['location']);
        if (answer.statusCode === 206) {
          places.set(url, at);
          return { kind: 'bytes', bytes: answer.body };
        }
        await answer.body.dump();
        if (!isRedirect(answer.statusCode) || next === null) {
          if (at === url || !GONE.includes(answer.statusCode)) return refused(answer, at, clock);
          places.delete(url);
          return { kind: 'later', reason: 'its address has expired', askedMs: null };
        }
        at = new URL(next, at).href;
      }
      throw new AppError('DOWNLOAD_FAILED', `${url} is sent from place to place`, { hint: 'look at HF_ENDPOINT' });
    },
    close: () => agent.destroy(),
  };
}

function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function refused({ statusCode, headers }: Dispatcher.ResponseData, at: string, clock: Clock): RangeAnswer {
  if (statusCode === 200) {
    throw new AppError('DOWNLOAD_FAILED', `${new URL(at).host} sends files only as a whole`, {
      hint: 'HF_ENDPOINT must be a server that knows ranges of bytes',
    });
  }
  const refusal = refusalOf({ status: statusCode, errorCode: textOf(headers['x-error-code']), url: at });
  if (refusal.kind === 'no') throw refusal.error;
  const askedMs = retryAfterMs(textOf(headers['retry-after']), clock.now());
  return { kind: 'later', reason: `status ${statusCode}`, askedMs };
}

function textOf(header: string | string[] | undefined): string | null {
  return typeof header === 'string' ? header : (header?.[0] ?? null);
}
