/** Where a controller answers: the unix socket of a home, a URL, or a socket behind ssh. Pure. */

import { AppError } from '../../contract/errors.ts';

export type Endpoint =
  | { readonly kind: 'socket'; readonly path: string }
  | { readonly kind: 'url'; readonly url: URL }
  | SshEndpoint;

export interface SshEndpoint {
  readonly kind: 'ssh';
  /** `HOST` or `USER@HOST`; never begins with a dash, and is one word for any shell. */
  readonly destination: string;
  readonly port: string | null;
  /** The command there; found by its search path when it is a bare name. */
  readonly program: string;
  /** DROVER_HOME there; null: what that account has. */
  readonly home: string | null;
}

/**
 * Reads `http://host:port`, `host:port`, `ssh://user@host:port/path/of/drover?home=DIR`, `unix:/path` or the path of a
 * socket, as given to `-H` and `DROVER_HOST`.
 */
export function parseEndpoint(text: string): Endpoint {
  if (text.startsWith('unix:')) return { kind: 'socket', path: text.slice('unix:'.length).replace(/^\/\/(?=\/)/, '') };
  if (text.startsWith('/') || text.startsWith('.')) return { kind: 'socket', path: text };
  if (text.startsWith('ssh:')) return parseSsh(text);
  const url = text.includes('://') ? text : `http://${text}`;
  if (!/^https?:\/\//.test(url) || !URL.canParse(url)) throw noAddress(text);
  const { hostname, username, password } = new URL(url);
  if (!WEB_HOST.test(hostname) || `${username}${password}` !== '') throw noAddress(text);
  return { kind: 'url', url: new URL(url) };
}

/** Found there by its search path. */
const PROGRAM = 'drover';

/** A name, or an IPv6 address in brackets. */
const WEB_HOST = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])$/;

const HOST_NAME = /^(?!-)[A-Za-z0-9._:-]+$/;
const USER_NAME = /^(?!-)[A-Za-z0-9._-]+$/;

function parseSsh(text: string): SshEndpoint {
  if (!URL.canParse(text)) throw noAddress(text);
  const url = new URL(text);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  const user = decodeURIComponent(url.username);
  if (!HOST_NAME.test(host) || (user !== '' && !USER_NAME.test(user)) || url.password !== '') throw noAddress(text);
  const program = decodeURIComponent(url.pathname).replace(/\/$/, '');
  return {
    kind: 'ssh',
    destination: user === '' ? host : `${user}@${host}`,
    port: url.port === '' ? null : url.port,
    program: program === '' ? PROGRAM : program,
    home: url.searchParams.get('home'),
  };
}

function noAddress(text: string): AppError {
  return new AppError('INVALID_REQUEST', `"${text}" is no address of a controller`, {
    hint: 'write http://HOST:PORT, ssh://USER@HOST, the path of a socket, or a name of "drover context ls"',
  });
}

/** For messages. */
export function showEndpoint(endpoint: Endpoint): string {
  if (endpoint.kind === 'socket') return endpoint.path;
  if (endpoint.kind === 'url') return endpoint.url.origin;
  const { destination, port, program, home } = endpoint;
  const query = home === null ? '' : `?home=${home}`;
  return `ssh://${destination}${port === null ? '' : `:${port}`}${program === PROGRAM ? '' : program}${query}`;
}
