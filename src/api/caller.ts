/** A request as the rules of the door see it. */

import type { IncomingMessage } from 'node:http';

import { isSlotToken } from '../gateway/index.ts';
import type { Caller, Credential } from './auth.ts';
import { presentedKey } from './credential.ts';
import type { KeyRing } from './keys.ts';

export function toCaller(request: IncomingMessage, via: Caller['via'], keys: KeyRing): Caller {
  const { headers, socket } = request;
  return {
    via,
    address: socket.remoteAddress ?? null,
    host: headers.host,
    origin: headers.origin,
    fetchSite: single(headers['sec-fetch-site']),
    credential: via === 'socket' ? { kind: 'none' } : credentialOf(presentedKey(headers), keys),
  };
}

function credentialOf(presented: string | null, keys: KeyRing): Credential {
  if (presented === null) return { kind: 'none' };
  return isSlotToken(presented) ? { kind: 'slot' } : keys.check(presented);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
