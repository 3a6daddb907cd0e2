/** Tells whoever spawned this worker that it serves, and where: one call, repeated until it is heard. */

import { connect, isIP } from 'node:net';

import { AppError } from '../../../contract/errors.ts';
import type { Clock } from '../../../kernel/index.ts';
import type { CallbackOptions } from './options.ts';

interface ReadyCallDeps {
  readonly clock: Clock;
  log(line: string): void;
  readonly stop: AbortSignal;
}

interface ServedAt {
  readonly host: string;
  readonly port: number;
}

const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const CALL_LIMIT_MS = 10_000;

/** A worker that listens only to its own host cannot be reached by a caller on another. Throws INVALID_REQUEST. */
export function checkReachable({ url }: CallbackOptions, { host }: ServedAt): void {
  if (!isLoopback(host) || isLoopback(hostOf(url))) return;
  throw new AppError('INVALID_REQUEST', `a worker on ${host} cannot be reached from ${url.host}`, {
    hint: 'give --host an address of the network, or 0.0.0.0',
  });
}

/** Resolves when the call was accepted, refused for good, or `stop` aborted. */
export async function callReady(
  options: CallbackOptions,
  at: ServedAt,
  about: object,
  deps: ReadyCallDeps,
): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; !deps.stop.aborted; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
    const outcome = await tryCall(options, at, about, deps.stop);
    if (outcome.kind === 'heard') return deps.log(`told ${options.url.host} that this worker serves at ${outcome.url}`);
    deps.log(`cannot tell ${options.url.host} that this worker serves: ${outcome.reason}`);
    if (outcome.kind === 'refused') return;
    await deps.clock.sleep(pauseMs, deps.stop).catch(() => {}); // stopping: the loop ends
  }
}

type CallOutcome =
  | { readonly kind: 'heard'; readonly url: string }
  /** Asking again would get the same answer. */
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'failed'; readonly reason: string };

async function tryCall(
  { url, token }: CallbackOptions,
  at: ServedAt,
  about: object,
  stop: AbortSignal,
): Promise<CallOutcome> {
  try {
    const address = await reachableAddress(at.host, url);
    const own = `http://${isIP(address) === 6 ? `[${address}]` : address}:${at.port}`;
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }) },
      body: JSON.stringify({ ...about, url: own }),
      signal: AbortSignal.any([stop, AbortSignal.timeout(CALL_LIMIT_MS)]),
    });
    await response.body?.cancel();
    if (response.ok) return { kind: 'heard', url: own };
    const reason = `it answers ${response.status}`;
    return { kind: response.status < 500 && ![408, 425, 429].includes(response.status) ? 'refused' : 'failed', reason };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Our address as the caller sees it: the one that a connection to it leaves from. */
function reachableAddress(host: string, url: URL): Promise<string> {
  if (host !== '0.0.0.0' && host !== '::') return Promise.resolve(host);
  const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostOf(url), port, timeout: CALL_LIMIT_MS });
    const fail = (error: Error): void => {
      socket.destroy();
      reject(error);
    };
    socket.once('error', fail);
    socket.once('timeout', () => fail(new Error('no connection')));
    socket.once('connect', () => {
      const { localAddress } = socket;
      socket.destroy();
      resolve(localAddress?.replace(/^::ffff:/, '') ?? host);
    });
  });
}

function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[|\]$/g, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}
