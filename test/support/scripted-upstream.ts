/**
 * An engine whose answer is a script of bytes, waits and ways to end: for faults that the synthetic upstream, which
 * speaks well, cannot commit. `/slots` tells nothing.
 */

import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One thing that the engine does while it answers. */
export type Step =
  | { readonly kind: 'write'; readonly bytes: Buffer }
  | { readonly kind: 'wait'; readonly ms: number }
  /** As a process that is killed: the connection is reset. */
  | { readonly kind: 'die' };

export interface ScriptedUpstream extends AsyncDisposable {
  readonly port: number;
  /** `performance.now()` of the latest death. */
  diedAt(): number;
  /** `performance.now()` when a connection of a client that left was closed; in that order. */
  readonly closedAt: readonly number[];
}

/** After the last step the answer ends as it should: no more bytes, nothing missing. */
export async function startScriptedUpstream(
  steps: readonly Step[],
  contentType = 'text/event-stream',
): Promise<ScriptedUpstream> {
  let diedAt = Number.NaN;
  const closedAt: number[] = [];
  const server = createServer((request, response) => {
    if (request.method !== 'POST') return void response.writeHead(request.url === '/slots' ? 501 : 200).end();
    request.resume();
    response.on('close', () => void (response.writableEnded || closedAt.push(performance.now())));
    request.once('end', () => {
      response.writeHead(200, { 'content-type': contentType });
      void play(response, steps, () => (diedAt = performance.now()));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port, // a TCP server has an AddressInfo
    diedAt: () => diedAt,
    closedAt,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function play(response: ServerResponse, steps: readonly Step[], onDeath: () => void): Promise<void> {
  response.socket?.setNoDelay(true);
  response.flushHeaders();
  for (const step of steps) {
    if (response.destroyed) return;
    if (step.kind === 'write') await written(response, step.bytes);
    else if (step.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, step.ms));
    else {
      onDeath();
      return void response.socket?.resetAndDestroy();
    }
  }
  response.end();
}

/** Until the bytes have left, each write by itself; also when nobody is left to read them. */
function written(response: ServerResponse, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.write(bytes, () => {
      response.off('close', resolve);
      resolve();
    });
  });
}

export const write = (bytes: Buffer | string): Step => ({ kind: 'write', bytes: Buffer.from(bytes) });
export const wait = (ms: number): Step => ({ kind: 'wait', ms });
export const die: Step = { kind: 'die' };
