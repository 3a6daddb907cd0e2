/** The way to one engine past the front door: its address as a person gives it, and the key that it asks for. */

import { createClient, parseEndpoint } from '../client/index.ts';
import type { Client } from '../client/index.ts';
import { isLoopback } from '../kernel/loopback.ts';
import type { CliContext } from './context.ts';

/** `address` is HOST:PORT. The key is DROVER_ENGINE_KEY, or what the daemon knows of its own engines. */
export async function workerClient(context: CliContext, address: string): Promise<Client> {
  const endpoint = parseEndpoint(address);
  const key = context.env['DROVER_ENGINE_KEY'] || (await knownKey(context, endpoint));
  return createClient({ endpoint, key, signal: context.signal });
}

async function knownKey(
  { quietClient }: CliContext,
  endpoint: ReturnType<typeof parseEndpoint>,
): Promise<string | undefined> {
  if (endpoint.kind !== 'url' || !isLoopback(endpoint.url.hostname)) return undefined;
  const port = Number(endpoint.url.port);
  try {
    const owner = (await quietClient.instances()).find((instance) => instance.port === port);
    return owner && ((await quietClient.instance(owner.name)).report?.key ?? undefined);
  } catch {
    return undefined; // a worker that no daemon knows is asked as it is
  }
}
