/** A request as the rules of the door see it. */

import type { IncomingMessage } from 'node:http';

import { isSlotToken, presentedKey } from '../gateway/index.ts';
import type { Gateway } from '../gateway/index.ts';
import type { Caller, Credential } from './auth.ts';
import type { KeyRing } from './keys.ts';

interface KnownKeys {
  readonly keys: Pick<KeyRing, 'check'>;
  readonly gateway: Pick<Gateway, 'knowsSlot'>;
}

export function toCaller(request: IncomingMessage, via: Caller['via'], known: KnownKeys): Caller {
  const { headers, socket } = request;
  return {
    via,
    address: socket.remoteAddress ?? null,
    host: headers.host,
    origin: headers.origin,
    fetchSite: single(headers['sec-fetch-site']),
    credential: via === 'socket' ? { kind: 'none' } : credentialOf(presentedKey(headers), known),
  };
}

function credentialOf(presented: string | null, { keys, gateway }: KnownKeys): Credential {
  if (presented === null) return { kind: 'none' };
  if (!isSlotToken(presented)) return keys.check(presented);
  return gateway.knowsSlot(presented) ? { kind: 'slot' } : { kind: 'void', why: 'over' };
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
