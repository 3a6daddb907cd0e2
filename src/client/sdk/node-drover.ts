/** The SDK over Node's own transport: by TCP, socket or ssh. */

import { DroverNouns } from './drover-nouns.ts';
import type { DroverOptions } from './drover-nouns.ts';
import { parseEndpoint } from '../transport/endpoint.ts';
import { createTransport } from '../transport/node-transport.ts';

const FRONT_DOOR = 'http://127.0.0.1:8080';

/** Without options it asks whom the commands ask by DROVER_HOST and DROVER_API_KEY, else the front door of this machine. */
export class Drover extends DroverNouns {
  constructor(options: DroverOptions = {}) {
    const { env } = process;
    const endpoint = parseEndpoint(options.host ?? (env['DROVER_HOST'] || FRONT_DOOR));
    const key = options.key ?? (env['DROVER_API_KEY'] || undefined);
    super({ endpoint, transport: createTransport({ endpoint, key, signal: options.signal }) }, options);
  }
}
