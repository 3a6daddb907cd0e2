/** Where a controller answers: the unix socket of a home, or a URL. Pure. */

import { AppError } from '../contract/errors.ts';

export type Endpoint = { readonly kind: 'socket'; readonly path: string } | { readonly kind: 'url'; readonly url: URL };

/** Reads `http://host:port`, `host:port`, `unix:/path` or the path of a socket, as given to `-H` and `DROVER_HOST`. */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:')) return { kind: 'socket', path: text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') };
  if (text.startsWith('/') || text.startsWith('.')) return { kind: 'socket', path: text };
  const url = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url) || text.includes(' ')) {
    throw new AppError('INVALID_REQUEST', `"${text}" is no address of a controller`, {
      hint: 'write http://HOST:PORT or the path of a socket',
    });
  }
  return { kind: 'url', url: new URL(url) };
}

/** For messages. */
export function showEndpoint(endpoint: Endpoint): string {
  return endpoint.kind === 'socket' ? endpoint.path : endpoint.url.origin;
}
