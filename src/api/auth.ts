/**
 * Who may do what. The unix socket is the operator and may do everything. Over TCP a key says what its holder may;
 * where no key is asked for, a caller of this machine may read and ask for inference. Nobody may come from the page of
 * another site. Pure.
 */

import type { ErrorCode, KeyScope } from '../contract/index.ts';
import { isLoopback as isLoopbackName } from '../kernel/index.ts';
import type { KeyRecord } from '../store/index.ts';
import type { Actor } from './actor.ts';

/** `open`: whoever reaches the door. `any`: whoever may do anything at all; the answer holds what he may see. */
export type Scope = 'open' | 'any' | KeyScope;

/** What the key of a request turned out to be. */
export type Credential =
  | { readonly kind: 'none' }
  /** It is none of ours; where no key is asked for, clients send anything. */
  | { readonly kind: 'foreign' }
  /** It has the form of our keys, and is none or is void. */
  | { readonly kind: 'void'; readonly why: 'unknown' | 'expired' | 'revoked' | 'over' }
  /** The token of a slot that is held for a task. */
  | { readonly kind: 'slot' }
  | { readonly kind: 'key'; readonly key: KeyRecord };

export interface Caller {
  readonly via: 'socket' | 'tcp';
  /** Peer address; null when the connection is already gone. */
  readonly address: string | null;
  /** Headers as sent; undefined when absent. */
  readonly host: string | undefined;
  readonly origin: string | undefined;
  readonly fetchSite: string | undefined;
  readonly credential: Credential;
}

/** What counts at the door right now. */
export interface DoorRules {
  /** The address that it listens on. */
  readonly bind: string;
  /** Of pages that may call it, beside its own. */
  readonly origins: readonly string[];
  readonly keysRequired: boolean;
}

export type Verdict =
  | { readonly kind: 'allowed'; readonly actor: Actor }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };

export function authorise(caller: Caller, scope: Scope, door: DoorRules): Verdict {
  if (caller.via === 'socket') return { kind: 'allowed', actor: { kind: 'operator' } };
  return foreigner(caller, door) ?? identify(caller, scope, door);
}

/** A refusal of what a page of another site has sent, or a name that its owner has pointed at this machine. */
function foreigner(caller: Caller, door: DoorRules): Verdict | null {
  if (isForeignPage(caller, door)) {
    return refuse(
      'ORIGIN_FORBIDDEN',
      `a page of ${caller.origin ?? 'another site'} may not call Drover`,
      'call it from a program, or add the origin to the setting cors_origins',
    );
  }
  if (isLoopback(door.bind) && !isKnownHost(caller.host, door)) {
    return refuse('ORIGIN_FORBIDDEN', `"${caller.host ?? ''}" is no name of this front door`, `use ${door.bind}`);
  }
  return null;
}

function identify({ credential, address }: Caller, scope: Scope, door: DoorRules): Verdict {
  switch (credential.kind) {
    case 'key':
      return withKey(credential.key, scope);
    case 'slot':
      return scope === 'inference' || scope === 'any' || scope === 'open'
        ? { kind: 'allowed', actor: { kind: 'task' } }
        : forbidden('the token of a task asks models and does nothing else', scope);
    case 'void':
      return refuse('UNAUTHORIZED', VOID[credential.why], 'make another: drover key create');
    case 'foreign':
    case 'none':
      return withoutKey(credential.kind === 'foreign', address, scope, door.keysRequired);
  }
}

const VOID = {
  unknown: 'this key is not known',
  expired: 'this key has expired',
  revoked: 'this key was revoked',
  over: 'this slot token is not valid any more: it ends with the task that it was given to',
} as const;

function withKey(key: KeyRecord, scope: Scope): Verdict {
  const may = scope === 'open' || scope === 'any' || key.scopes.includes('manage') || key.scopes.includes(scope);
  return may
    ? { kind: 'allowed', actor: { kind: 'key', key } }
    : forbidden(`this needs the scope ${scope}, and the key has ${key.scopes.join(', ')}`, scope);
}

function withoutKey(given: boolean, address: string | null, scope: Scope, keysRequired: boolean): Verdict {
  if (scope === 'open') return { kind: 'allowed', actor: { kind: 'anonymous' } };
  if (keysRequired || !isLoopback(address)) {
    const message = given ? 'this key is not known' : 'a key is needed here';
    return refuse('UNAUTHORIZED', message, 'send "authorization: Bearer KEY"; drover key create makes one');
  }
  return scope === 'manage'
    ? forbidden('this changes state, and a caller over TCP without a key may only read and infer', scope)
    : { kind: 'allowed', actor: { kind: 'anonymous' } };
}

function forbidden(message: string, scope: Scope): Verdict {
  return refuse(
    'FORBIDDEN',
    message,
    `use the drover command on this machine: it speaks over the unix socket; or a key of scope ${scope}`,
  );
}

function refuse(code: ErrorCode, message: string, hint: string): Verdict {
  return { kind: 'refused', code, message, hint };
}

/** A browser tells where a page comes from; programs send neither header. */
function isForeignPage({ origin, fetchSite, host }: Caller, { origins }: DoorRules): boolean {
  if (origin === undefined) return fetchSite === 'cross-site';
  if (origins.includes(origin)) return false;
  return fetchSite === 'cross-site' || hostOf(origin) !== host;
}

function hostOf(origin: string): string | null {
  return URL.canParse(origin) ? new URL(origin).host : null;
}

/** Refuses names that an attacker's DNS has pointed at this machine. */
function isKnownHost(host: string | undefined, { bind, origins }: DoorRules): boolean {
  if (host === undefined) return true;
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === bind || isLoopback(name) || origins.some((origin) => hostOf(origin) === host);
}

function isLoopback(address: string | null): boolean {
  return address !== null && isLoopbackName(address.replace(/^::ffff:/, ''));
}
