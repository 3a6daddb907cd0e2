/**
 * Who may do what. The unix socket is the operator and may do everything; over TCP a caller without a key may read and
 * ask for inference when he calls from this machine, and nobody may come from another site's page. Pure.
 */

import type { ErrorCode } from '../contract/index.ts';

export type Scope = 'read' | 'inference' | 'manage';

export interface Caller {
  readonly via: 'socket' | 'tcp';
  /** Peer address; null when the connection is already gone. */
  readonly address: string | null;
  /** Headers as sent; undefined when absent. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
}

export type Verdict =
  | { readonly kind: 'allowed' }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };

const ALLOWED: Verdict = { kind: 'allowed' };

/** `bind` is the address the front door listens on: a name in `Host` that is neither it nor loopback is foreign. */
export function authorise(caller: Caller, scope: Scope, bind: string): Verdict {
  if (caller.via === 'socket') return ALLOWED;
  if (isForeignPage(caller)) {
    return refuse(
      'ORIGIN_FORBIDDEN',
      `a page of ${caller.origin ?? 'another site'} may not call Drover`,
      'call it from a program, or open the console',
    );
  }
  if (!isKnownHost(caller.host, bind)) {
    return refuse('ORIGIN_FORBIDDEN', `"${caller.host ?? ''}" is no name of this front door`, `use http://${bind}`);
  }
  if (!isLoopback(caller.address)) {
    return refuse('UNAUTHORIZED', 'a caller from another machine needs a key', 'call from this machine');
  }
  if (scope === 'manage') {
    return refuse(
      'FORBIDDEN',
      'this changes state, and a caller over TCP without a key may only read and infer',
      'use the drover command on this machine: it speaks over the unix socket',
    );
  }
  return ALLOWED;
}

function refuse(code: ErrorCode, message: string, hint: string): Verdict {
  return { kind: 'refused', code, message, hint };
}

/** A browser tells where a page comes from; programs send neither header. */
function isForeignPage(caller: Caller): boolean {
  if (caller.fetchSite === 'cross-site') return true;
  if (caller.origin === undefined) return false;
  return hostOf(caller.origin) !== caller.host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Refuses names that an attacker's DNS has pointed at this machine. */
function isKnownHost(host: string | undefined, bind: string): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === bind || isLoopback(name);
}

export function isLoopback(address: string | null): boolean {
  return address !== null && (/^(?:::ffff:)?127\./.test(address) || address === '::1');
}
