/** The client over Node's own transport. */

import { clientOver } from './client.ts';
import type { Client } from './client.ts';
import { createTransport } from './transport/node-transport.ts';
import type { TransportOptions } from './transport/node-transport.ts';

export interface ClientOptions extends TransportOptions {
  /** Waits before a read is asked again, and to reconnect a stream of facts; absent: a cut ends such a stream. */
  readonly wait?: ((ms: number, signal?: AbortSignal) => Promise<void>) | undefined;
}

export function createClient(options: ClientOptions): Client {
  const { endpoint, wait } = options;
  return clientOver({ transport: createTransport(options), endpoint, wait });
}
