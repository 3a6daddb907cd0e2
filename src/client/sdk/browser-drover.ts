/** The SDK for pages in a browser. */

import { AppError } from '../../contract/errors.ts';
import { DroverNouns } from './drover-nouns.ts';
import type { DroverOptions } from './drover-nouns.ts';
import { parseEndpoint } from '../transport/endpoint.ts';
import { createFetchTransport } from '../transport/fetch-transport.ts';

/** Without a host it asks where the page comes from. */
export class Drover extends DroverNouns {
  constructor(options: DroverOptions = {}) {
    const endpoint = parseEndpoint(options.host ?? ownOrigin());
    if (endpoint.kind !== 'url') {
      throw new AppError('INVALID_REQUEST', 'a page reaches a controller by its address alone', {
        hint: 'give host as http://HOST:PORT',
      });
    }
    super({ endpoint, transport: createFetchTransport({ ...options, url: endpoint.url }) }, options);
  }
}

function ownOrigin(): string {
  const { location } = globalThis as { readonly location?: { readonly origin: string } };
  return location?.origin ?? '';
}
